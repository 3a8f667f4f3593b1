import type { CommandEntry } from './command-entry.js';

/** What `bylaw` knows, by name. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'agent',
    description: 'supply a cluster’s state to the platform',
    load: async () => (await import('./agent.command.js')).agentCommand(),
  },
  {
    name: 'check',
    description: 'judge manifests before they are deployed',
    load: async () => (await import('./check/check.command.js')).checkCommand(),
  },
  {
    name: 'clusters',
    description: 'list the organization’s clusters, and show one',
    load: async () => (await import('./clusters.command.js')).clustersCommand(),
  },
  {
    name: 'completion',
    description: 'print what completes commands and options in bash, zsh or fish',
    load: async () => (await import('./completion.command.js')).completionCommand(COMMANDS),
  },
  {
    name: 'doctor',
    description:
      'look at an installation by the platform’s environment: what is wrong, and what to do; changes nothing',
    load: async () => (await import('./doctor.command.js')).doctorCommand(),
  },
  {
    name: 'export',
    description: 'export violations, the timeline of compliance or the audit log',
    load: async () => (await import('./export.command.js')).exportCommand(),
  },
  {
    name: 'import',
    description: 'import policies of Gatekeeper, Weave and conftest; once more changes nothing',
    load: async () => (await import('./import.command.js')).importCommand(),
  },
  {
    name: 'init',
    description: 'write a bylaw.yaml for this folder',
    load: async () => (await import('./init.command.js')).initCommand(),
  },
  {
    name: 'keygen',
    description: 'print a well-formed API key, for BYLAW_INIT_API_KEY',
    load: async () => (await import('./keygen.command.js')).keygenCommand(),
  },
  {
    name: 'login',
    description: 'keep a platform’s address and an API key for it',
    load: async () => (await import('./login.command.js')).loginCommand(),
  },
  {
    name: 'logout',
    description: 'forget them',
    load: async () => (await import('./login.command.js')).logoutCommand(),
  },
  {
    name: 'policy',
    description: 'test, prove, format, push and pull policies',
    load: async () => (await import('./policy.command.js')).policyCommand(),
  },
  {
    name: 'verify',
    description: 'check an exported audit log by its hash chain, offline',
    load: async () => (await import('./verify.command.js')).verifyCommand(),
  },
  {
    name: 'violations',
    description: 'list what is wrong in the clusters, now or then, and show one violation',
    load: async () => (await import('./violations.command.js')).violationsCommand(),
  },
  {
    name: 'whoami',
    description: 'say which platform is asked, and as whom',
    load: async () => (await import('./whoami.command.js')).whoamiCommand(),
  },
];
