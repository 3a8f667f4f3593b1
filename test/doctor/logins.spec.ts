import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeafProxy } from '../support/deaf-proxy.js';
import { DoctorPatient, said } from '../support/doctor-patient.js';

describe('bylaw doctor and a database', () => {
  let patient: DoctorPatient;
  beforeAll(async () => {
    patient = await DoctorPatient.start();
  });
  afterAll(() => patient.stop());

  describe('whose logins are not what they should be', () => {
    it.each([
      ['superuser', /^failed logins\/application: t_\w+ is a superuser: nothing keeps organizations apart/],
      ['bypassrls', /^failed logins\/application: t_\w+ has BYPASSRLS: nothing keeps/],
      ['createrole', /^warning logins\/application: t_\w+ may create roles, which it never needs/],
    ])('an application that is %s', async (attributes, expected) => {
      const complaints = await patient.complaints({ DATABASE_URL: await patient.aLogin(attributes) });
      expect(said(complaints.filter(({ check }) => check === 'logins'))).toEqual([expect.stringMatching(expected)]);
      expect(complaints[0]?.advice).toMatch(/^As an administrator: alter role t_/);
    });

    it('an application that is the owner, or may act as the owner', async () => {
      const { ownerUrl } = patient.platform.database.logins;
      const owner = await patient.complaints({ DATABASE_URL: ownerUrl });
      expect(said(owner)).toContainEqual(
        expect.stringMatching(/^failed logins\/application: bylaw_owner owns \d+ of the platform’s tables/),
      );
      const member = await patient.aLogin('');
      await patient.sql(`grant bylaw_owner to ${new URL(member).username}`);
      expect(said(await patient.complaints({ DATABASE_URL: member }))).toContainEqual(
        expect.stringMatching(/^failed logins\/application: t_\w+ may act as bylaw_owner:/),
      );
    });

    it('an owner who is held by nothing, and one who owns nothing', async () => {
      const superuser = await patient.complaints({ DATABASE_OWNER_URL: patient.superuserUrl });
      expect(said(superuser)).toContainEqual(
        expect.stringMatching(/^failed logins\/owner: \d+ tables of the platform belong to somebody else than/),
      );
      const { applicationUrl } = patient.platform.database.logins;
      expect(said(await patient.complaints({ DATABASE_OWNER_URL: applicationUrl }))).toContainEqual(
        expect.stringMatching(/^failed logins\/owner: bylaw_owner_app may not create schemas/),
      );
    });

    it('a wrong password: said for that login, the rest is looked at, and nobody sees it', async () => {
      const url = Object.assign(new URL(patient.platform.database.logins.ownerUrl), { password: 'not-the-password' });
      const complaints = await patient.complaints({ DATABASE_OWNER_URL: url.toString() });
      expect(said(complaints)).toEqual([
        expect.stringMatching(/^failed logins\/owner: bylaw_owner@127\.0\.0\.1:\d+\/t_\w+: the password is wrong/),
        expect.stringMatching(/^skipped migrations\//),
        expect.stringMatching(/^skipped keys\/secret key: BYLAW_SECRET_KEY: well-formed; /),
      ]);
      expect(JSON.stringify(complaints)).not.toContain('not-the-password');
    });

    it.each(['DATABASE_URL', 'DATABASE_DIRECT_URL'])(
      'a wrong password in %s keeps nothing else from being seen',
      async (name) => {
        const url = Object.assign(new URL(patient.environment()[name] ?? ''), { password: 'not-the-password' });
        const complaints = await patient.complaints({ [name]: url.toString() });
        expect(said(complaints.filter(({ status }) => status !== 'skipped'))).toEqual([
          expect.stringMatching(/^failed logins\/(?:application|queue): .*: the password is wrong/),
        ]);
        const seen = complaints.filter(({ check, status }) => check === 'queue' && status === 'skipped');
        expect(seen.map(({ subject }) => subject)).toEqual([name === 'DATABASE_URL' ? 'events' : 'wake-ups']);
      },
    );

    it('a queue whose tables are not there', async () => {
      const complaints = await patient.broken(
        'alter schema bullmq rename to bullmq_away',
        'alter schema bullmq_away rename to bullmq',
      );
      expect(said(complaints)).toEqual([expect.stringMatching(/^failed queue\/wake-ups: .*is not initialized/)]);
    });

    it('a queue behind a pooler that swallows notifications', async () => {
      const proxy = await DeafProxy.start(patient.platform.database.logins.queueUrl);
      try {
        const complaints = await patient.complaints({ DATABASE_DIRECT_URL: proxy.url }, { limitMs: 4_000 });
        expect(said(complaints)).toEqual([
          expect.stringMatching(/^failed logins\/queue: bylaw_owner_queue hears no notifications: a pooler/),
        ]);
      } finally {
        await proxy.stop();
      }
    });

    it('one URL alone is enough, with what follows from it; a login that may not make the others says so', async () => {
      const { ownerUrl } = patient.platform.database.logins;
      const alone = { DATABASE_OWNER_URL: undefined, DATABASE_DIRECT_URL: undefined };
      expect(await patient.complaints({ ...alone, DATABASE_URL: ownerUrl })).toEqual([]);
      for (const [attributes, expected] of [
        ['createrole', /^warning logins\/logins: t_\w+_app, t_\w+_queue are not there yet/],
        ['', /^failed logins\/logins: t_\w+_app, t_\w+_queue are not there, and the login of DATABASE_URL may not/],
      ] as const) {
        const url = await patient.aLogin(attributes);
        expect(said(await patient.complaints({ ...alone, DATABASE_URL: url }))).toContainEqual(
          expect.stringMatching(expected),
        );
      }
    });

    it('one URL whose password is another one than when its logins were made', async () => {
      const alone = { DATABASE_OWNER_URL: undefined, DATABASE_DIRECT_URL: undefined };
      const complaints = await patient.complaints({ ...alone, DATABASE_URL: patient.superuserUrl });
      const wrong = complaints.filter(({ status }) => status === 'failed');
      expect(said(wrong)).toEqual(
        ['owner', 'application', 'queue'].map((login) =>
          expect.stringMatching(new RegExp(`^failed logins/${login}: bylaw_owner.*: the password is wrong`)),
        ),
      );
      expect(wrong.filter(({ advice }) => !/as it was when the login was made/.test(advice ?? ''))).toEqual([]);
    });
  });
});
