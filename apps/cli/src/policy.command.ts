import { Command } from 'commander';
import { describeSlot, judgeFixture, provePolicy, RegoCompiler, type PolicyProof } from '#engine';
import { CliError } from './cli-error.js';
import { fmtCommand } from './policy-fmt.command.js';
import { compileFolder, describeProblems } from './policy-folder.js';
import { listCommand, showCommand } from './policy-list.command.js';
import { pullCommand } from './policy-pull.command.js';
import { pushCommand } from './policy-push.command.js';

/** `bylaw policy`: policies in a folder, and on the platform. */
export function policyCommand(): Command {
  const policy = new Command('policy');
  policy
    .command('test')
    .argument('<dir>', 'folder of policies')
    .description('run the Rego tests, and judge every fixture')
    .action((folder: string) => withCompiler((compiler) => test(folder, compiler)));
  policy
    .command('prove')
    .argument('<dir>', 'folder of policies')
    .option('--verbose', 'every slot, with the fixture that made it fire')
    .description('show that each policy can fail on each kind, container list and parameter that it claims')
    .action((folder: string, { verbose }: { verbose?: boolean }) =>
      withCompiler((compiler) => prove(folder, verbose === true, compiler)),
    );
  for (const command of [fmtCommand(), pushCommand(), pullCommand(), listCommand(), showCommand()])
    policy.addCommand(command);
  return policy;
}

async function withCompiler(work: (compiler: RegoCompiler) => Promise<void>): Promise<void> {
  // Whoever sits before it can end it.
  const compiler = new RegoCompiler({ timeoutMs: 600_000 });
  try {
    await work(compiler);
  } finally {
    await compiler.close();
  }
}

async function test(given: string, compiler: RegoCompiler): Promise<void> {
  const { sources, policies, evaluate } = await compileFolder(given, compiler);
  const run = await compiler.test(sources);
  if (run.errors.length > 0) throw new CliError(`the tests do not compile\n${describeProblems(run.errors)}`, 2);
  const failedTests = run.tests
    .filter(({ pass }) => !pass)
    .map(({ file, row, name, message }) => `${file}:${row}: ${name}${message ? `: ${message}` : ''}`);
  const fixtures = policies.flatMap(({ policy, fixtures: own }) =>
    own.map((fixture) => ({ policy, result: judgeFixture(evaluate, policy, fixture) })),
  );
  const failedFixtures = fixtures.flatMap(({ policy, result }) =>
    result.problems.map((problem) => `${policy.slug}/fixtures/${result.file}: ${problem}`),
  );
  const failed = [...failedTests, ...failedFixtures];
  for (const line of failed) process.stdout.write(`FAIL  ${line}\n`);
  const wrong = failedTests.length + fixtures.filter(({ result }) => !result.ok).length;
  process.stdout.write(
    `${run.tests.length + fixtures.length - wrong} passed, ${wrong} failed (${run.tests.length} Rego tests, ${fixtures.length} fixtures)\n`,
  );
  if (wrong > 0) throw new CliError('', 1);
}

async function prove(given: string, verbose: boolean, compiler: RegoCompiler): Promise<void> {
  const { policies, evaluate } = await compileFolder(given, compiler);
  const proofs = policies.map(({ policy, fixtures }) => provePolicy(evaluate, policy, fixtures));
  for (const proof of proofs) printProof(proof, verbose);
  const dead = proofs.filter(({ alive }) => !alive);
  process.stdout.write(`${proofs.length - dead.length} of ${proofs.length} policies proved alive\n`);
  if (dead.length > 0) throw new CliError('', 1);
}

function printProof({ policy, alive, slots, unfair }: PolicyProof, verbose: boolean): void {
  const count = (status: string): number => slots.filter((slot) => slot.status === status).length;
  const numbers = `${count('fires')} fire, ${count('not_applicable')} not applicable, ${count('never_fires')} never fire`;
  process.stdout.write(`${alive ? 'alive' : 'DEAD '}  ${policy.padEnd(28)} ${numbers}\n`);
  for (const slot of slots) {
    if (verbose || slot.status === 'never_fires')
      process.stdout.write(`         ${slot.status.padEnd(15)} ${describeSlot(slot)}\n`);
  }
  for (const { fixture, kind, verdict, reason } of unfair)
    process.stdout.write(`         unfair: ${fixture} as ${kind}: ${verdict} (${reason})\n`);
}
