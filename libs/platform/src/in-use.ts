import { AppError } from '#kernel';

/**
 * Refuses to take away what something uses.
 * @param kind and `name` of what is to go
 * @param users what uses it, with public ids
 * @throws AppError `in_use`, with the users
 */
export function refuseInUse(kind: string, name: string, users: readonly { id: string; name: string }[]): void {
  if (users.length === 0) return;
  const names = users.map((user) => `"${user.name}"`).join(', ');
  throw new AppError('in_use', `The ${kind} "${name}" is used by ${names}: change or delete these first.`, {
    extra: { users: users.map(({ id, name: called }) => ({ id, name: called })) },
  });
}
