import { aPod, GitWorld, SECRET } from './git-world.js';
import { TOKEN, type Delivery, type ProviderDriver, type ProviderFake, type TestPull } from './provider-driver.js';
import type { TestAnswer } from './test-client.js';

const LOOK_MINUTES = 1_440;

/** A source whose provider is a fake, of a repository with one manifest that is known. */
export class ProviderWorld {
  private made: { fake: ProviderFake; sourceId: string } | undefined;

  private constructor(
    private readonly driver: ProviderDriver,
    readonly world: GitWorld,
  ) {}

  static async start(driver: ProviderDriver): Promise<ProviderWorld> {
    return new ProviderWorld(driver, await GitWorld.start());
  }

  /** Begins anew: another fake, another source, looked at once. */
  async fresh(): Promise<void> {
    const { driver, world } = this;
    await this.made?.fake.api.stop();
    await world.fresh();
    const fake = driver.fake();
    await fake.api.start();
    const more = { provider: driver.name, api_url: fake.api.url, token: TOKEN, poll_minutes: LOOK_MINUTES };
    this.made = { fake, sourceId: (await world.source(more)).id };
    // What is there already is known.
    world.git.commit('acme/shop', 'main', { 'known.yaml': aPod('known') });
    await world.settle();
  }

  async stop(): Promise<void> {
    await this.made?.fake.api.stop();
    await this.world.stop();
  }

  get fake(): ProviderFake {
    return this.present.fake;
  }

  get sourceId(): string {
    return this.present.sourceId;
  }

  /** Sends a delivery as it is; each comes a second after the last. */
  async send({ headers, body }: Delivery): Promise<TestAnswer> {
    this.world.clock.advance(1_000);
    return this.world.platform.client().send('POST', `/api/v1/hooks/git/${this.sourceId}`, body, headers);
  }

  /** Sends a delivery, signed. */
  deliver(delivery: Delivery): Promise<TestAnswer> {
    return this.send(this.driver.sign(delivery, SECRET));
  }

  push(branch: string, before: string | null, after: string | null): Promise<TestAnswer> {
    return this.deliver(this.driver.push({ branch, before, after }));
  }

  /** Tells of a pull request, and has it checked. */
  async tell(pull: TestPull): Promise<void> {
    await this.deliver(this.driver.pull(pull));
    await this.world.settle();
  }

  /** Lets the time come when the repository is looked at again. */
  async look(): Promise<void> {
    this.world.clock.advance(LOOK_MINUTES * 60_000);
    await this.world.settle();
  }

  /** Makes a pull request from a branch of the same repository unless something else is said. */
  pull(changes: Record<string, string>, more: Partial<TestPull> = {}): TestPull {
    const { git } = this.world;
    const url = git.url('acme/shop');
    const base = git.commit('acme/shop', 'main', {});
    const head = git.commit('acme/shop', 'feature', changes, base);
    const branches = { headBranch: 'feature', baseBranch: 'main' };
    const pull: TestPull = { number: 7, head, base, ...branches, from: url, into: url, action: 'opened', ...more };
    if (pull.from === url) git.point('acme/shop', this.driver.pullRef(pull), head);
    return pull;
  }

  /** @returns every state that a commit was given, in order */
  states(commit: string): string[] {
    return this.fake.statuses(commit).map(({ state }) => state);
  }

  private get present(): { fake: ProviderFake; sourceId: string } {
    if (this.made === undefined) throw new Error('begin with fresh()');
    return this.made;
  }
}
