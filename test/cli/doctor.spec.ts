import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKS } from '../../apps/doctor/src/finding.js';
import type { Report } from '../../apps/doctor/src/doctor.js';
import { doctor } from '../support/doctor-command.js';
import { DoctorPatient } from '../support/doctor-patient.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describe('bylaw doctor', () => {
  let patient: DoctorPatient;
  beforeAll(async () => {
    patient = await DoctorPatient.start();
  });
  afterAll(() => patient.stop());

  it('has nothing to say against a healthy installation, in a table: exit 0', async () => {
    const { status, stdout, stderr } = await doctor([], patient.environment());
    expect([status, stderr]).toEqual([0, '']);
    // A test's platform is of a version of its own.
    expect(stdout).toMatch(/\n\n1 warning, \d+ ok\n$/);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => (CHECKS as readonly string[]).includes(line))).toEqual([...CHECKS]);
    expect(lines.filter((line) => / ok /.test(line)).map((line) => line.indexOf(line.trim()))).toEqual(
      Array.from({ length: Number(/(\d+) ok/.exec(stdout)?.[1]) }, () => 2),
    );
  });

  it('says the same to programs, and shows no secret to either', async () => {
    const environment = patient.environment();
    const { status, stdout } = await doctor(['--json', '--timeout', '20'], environment);
    const report = JSON.parse(stdout) as Report;
    expect([status, report.status]).toEqual([0, 'warning']);
    expect([...new Set(report.findings.map(({ check }) => check))]).toEqual([...CHECKS]);
    expect(report.findings.filter((one) => (one.status === 'ok') === (one.advice !== undefined))).toEqual([]);
    const passwords = ['DATABASE_URL', 'DATABASE_OWNER_URL', 'DATABASE_DIRECT_URL'].map(
      (name) => new URL(environment[name] ?? '').password,
    );
    for (const secret of [...passwords, environment['BYLAW_SECRET_KEY'] ?? '', environment['BYLAW_INIT_API_KEY'] ?? ''])
      expect([secret.length > 0, stdout.includes(secret)]).toEqual([true, false]);
  });

  it('says what is wrong and what to do about it, and ends although nothing answers: exit 1', async () => {
    const environment = patient.environment({
      DATABASE_URL: 'postgres://application:a-long-secret@127.0.0.1:1/bylaw',
      DATABASE_OWNER_URL: undefined,
      DATABASE_DIRECT_URL: undefined,
      REDIS_URL: 'redis://:a-long-secret@127.0.0.1:1',
      BYLAW_PUBLIC_URL: undefined,
      PORT: '0',
    });
    const { status, stdout, stderr } = await doctor(['--timeout', '5'], environment);
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(
      / failed +DATABASE_URL +application@127\.0\.0\.1:1\/bylaw: nothing listens there\n +→ See that/,
    );
    expect(stdout).toMatch(/ failed +redis +127\.0\.0\.1:1: nothing listens there\n +→ /);
    expect(stdout).toMatch(/\n2 failed, .*skipped\n$/);
    expect(stdout).not.toContain('a-long-secret');
  });

  it.each([
    ['no time', ['--timeout', '0'], /more than 0/],
    ['a time that is none', ['--timeout', 'soon'], /A number of seconds/],
    ['an address that is none', ['--url', 'localhost:3000'], /Not a URL/],
    ['an option that is none', ['--fix'], /unknown option/],
    ['more than it takes', ['postgres'], /too many arguments/],
  ])('with %s it could not do it: exit 2', async (_what, args, said) => {
    const { status, stdout, stderr } = await doctor(args, patient.environment());
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
  });

  it('says where it can be run, where the platform’s parts are not: exit 2, and no stack', async () => {
    const root = mkdtempSync(join(tmpdir(), 'bylaw-cli-'));
    mkdirSync(join(root, 'dist', 'apps'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
    cpSync(join(ROOT, 'dist', 'apps', 'cli'), join(root, 'dist', 'apps', 'cli'), { recursive: true });
    for (const part of ['node_modules', 'dist/libs', 'dist/apps/agent'])
      symlinkSync(join(ROOT, part), join(root, part));
    const { status, stdout, stderr } = await doctor([], {}, root);
    rmSync(root, { recursive: true });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^bylaw: doctor needs the platform’s parts.*\n$/);
  });
});
