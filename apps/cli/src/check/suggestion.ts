import leven from 'leven';

/** Further from what was meant, a suggestion only confuses. */
const TYPING_MISTAKES = 3;

/** @returns `; did you mean …?` where a name is close */
export function suggestion(given: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, distance: leven(given, name) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= TYPING_MISTAKES ? `; did you mean \`${nearest.name}\`?` : '';
}
