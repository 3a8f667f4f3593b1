/** Gives out the room of a text that may only be so long. */
export class Room {
  constructor(private left: number) {}

  /**
   * Takes as many whole pieces as fit.
   * @param pieces of text, each with the break that follows it
   * @param share of the room that they may take together, from 0 to 1
   * @returns those that fit, from the first on
   */
  fitting(pieces: readonly string[], share: number): string[] {
    let allowed = Math.floor(this.left * share);
    const fit: string[] = [];
    for (const piece of pieces) {
      if (piece.length > allowed) break;
      allowed -= piece.length;
      this.left -= piece.length;
      fit.push(piece);
    }
    return fit;
  }
}
