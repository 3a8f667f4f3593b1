/** A command ends without success; the message goes to standard error. */
export class CliError extends Error {
  /**
   * @param message empty where everything was said already
   * @param exitCode 1: judged and found wanting; 2: could not do it
   */
  constructor(
    message: string,
    readonly exitCode: 1 | 2,
  ) {
    super(message);
  }
}
