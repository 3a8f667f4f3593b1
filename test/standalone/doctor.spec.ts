import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { doctor } from '../support/doctor-command.js';
import { StandaloneFolder, type StandaloneProcess } from '../support/standalone-process.js';

describe('bylaw doctor beside npm start', () => {
  let folder: StandaloneFolder;
  let platform: StandaloneProcess;
  const look = (args: string[] = []) => doctor(args, { BYLAW_DATA_DIR: folder.dataDir, PORT: '0' });
  beforeAll(() => {
    folder = new StandaloneFolder();
  });
  afterAll(() => folder.remove());

  it('says of a folder in which nothing was started that there is nothing: exit 1, and makes nothing', async () => {
    const { status, stdout } = await look();
    expect(status).toBe(1);
    expect(stdout).toMatch(/ failed +database +DATABASE_URL is not set, and \S+ holds no database\n/);
    expect(stdout).toMatch(/ warning +data folder +\S+ is not there yet\n/);
  });

  it('finds its Postgres, keys and API by the data folder, and nothing to complain of: exit 0', async () => {
    platform = folder.start();
    const { status, stdout, stderr } = await look(['--url', await platform.url()]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\n\n\d+ ok\n$/);
    expect(stdout).toMatch(/secret\.key: the one that the database was set up with\n/);
  });

  it('says that it does not run, once it was stopped: exit 1', async () => {
    platform.signal('SIGTERM');
    expect((await platform.exit).code).toBe(0);
    const { status, stdout } = await look();
    expect(status).toBe(1);
    expect(stdout).toMatch(/ failed +database +the embedded Postgres in \S+ does not run\n/);
  });
});
