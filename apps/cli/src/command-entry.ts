import type { Command } from 'commander';

/** A command that is loaded when it is called: none pays for what another needs. */
export interface CommandEntry {
  name: string;
  description: string;
  load(): Promise<Command>;
}

/** @returns the command, as its entry describes it */
export async function loaded({ description, load }: CommandEntry): Promise<Command> {
  return (await load()).description(description);
}
