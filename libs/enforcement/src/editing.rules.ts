import { AppError, publicId } from '#kernel';
import { isUniqueViolation } from '#platform';

/**
 * Carries out a write that may meet a name in use.
 * @param kind of thing, as people call it
 * @param name that it is to have
 * @throws AppError `name_taken`
 */
export async function refusingTakenNames<Result>(
  kind: 'target' | 'trigger' | 'binding',
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error, `${kind}_org_id_name_key`)) throw error;
    throw new AppError('name_taken', `Another ${kind} is called "${name}": choose another name.`, { cause: error });
  }
}

/** @returns the bindings that use something, as a refusal names them */
export function bindingUsers(rows: readonly { id: string; name: string }[]): { id: string; name: string }[] {
  return rows.map(({ id, name }) => ({ id: publicId('binding', id), name }));
}

const NAME_MAX = 120;

/**
 * @param wanted name
 * @param taken names that are in use; from then on this one is
 * @returns the name, or the first `<name> (2)`, `<name> (3)`… that nobody has, at most 120 characters
 */
export function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted.slice(0, NAME_MAX);
  for (let number = 2; taken.has(name); number++) {
    const ending = ` (${number})`;
    name = `${wanted.slice(0, NAME_MAX - ending.length)}${ending}`;
  }
  taken.add(name);
  return name;
}
