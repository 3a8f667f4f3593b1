import { closestMatch } from 'leven';

/** Further from what was meant, a suggestion only confuses. */
const TYPING_MISTAKES = 3;

/** @returns `; did you mean …?` where a name is close */
export function suggestion(given: string, names: readonly string[]): string {
  const nearest = closestMatch(given, [...names], { maxDistance: TYPING_MISTAKES });
  return nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
}
