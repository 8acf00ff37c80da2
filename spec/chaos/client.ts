import { setTimeout as wait } from 'node:timers/promises';
import type { AppProcess } from '../support/app-process.js';
import { claimsOf, generationOf, type Held, holdPair, type SharedAccount } from './account.js';
import { type Link, outcomeOf } from './history.js';
import type { Random } from './random.js';
import type { Recorded, Request, World } from './world.js';

/** How long a client thinks between two requests at most, in milliseconds. */
const THINKING = 150;
/** How long an account is used at least and at most, in milliseconds: what became unknown of it is left behind. */
const LIFETIME = { least: 15_000, most: 45_000 };

/** Some clients who share an account, one after the other: so they meet each other. */
export interface Household {
  /** Undefined before the first one. */
  account: Promise<SharedAccount> | undefined;
  until: number;
}

/** How often each action is taken. */
const ACTIONS: readonly [weight: number, name: Action][] = [
  [24, 'visit'],
  [16, 'refresh'],
  [8, 'login'],
  [6, 'twoTabs'],
  [3, 'replay'],
  [6, 'logOut'],
  [2, 'logOutEverywhere'],
  [2, 'endOthers'],
  [2, 'endOne'],
  [5, 'changePassword'],
  [4, 'forget'],
  [6, 'reset'],
  [3, 'changeEmail'],
  [5, 'confirmEmail'],
  [1, 'disableForAWhile'],
  [1, 'leave'],
  [10, 'useWhatIsOver'],
  [3, 'useAFormerPassword'],
];

type Action =
  | 'visit'
  | 'refresh'
  | 'login'
  | 'twoTabs'
  | 'replay'
  | 'logOut'
  | 'logOutEverywhere'
  | 'endOthers'
  | 'endOne'
  | 'changePassword'
  | 'forget'
  | 'reset'
  | 'changeEmail'
  | 'confirmEmail'
  | 'disableForAWhile'
  | 'leave'
  | 'useWhatIsOver'
  | 'useAFormerPassword';

const DECK = ACTIONS.flatMap(([weight, name]) => Array.from({ length: weight }, () => name));

/** A client: it does whatever comes to its mind, and has its questions and their answers written down. */
export class Client {
  constructor(
    private readonly world: World,
    private readonly index: number,
    private readonly household: Household,
    private readonly random: Random,
  ) {}

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this[this.random.pick(DECK)](await this.account());
      await wait(this.random.whole(0, THINKING));
    }
  }

  private account(): Promise<SharedAccount> {
    const { household, world, random } = this;
    if (!household.account || world.now() > household.until) {
      household.until = world.now() + random.whole(LIFETIME.least, LIFETIME.most);
      household.account = this.register();
    }
    return household.account;
  }

  private request(account: SharedAccount, rest: Omit<Request, 'account' | 'client' | 'app'>): Request {
    return { account, client: this.index, app: this.random.whole(0, 1), ...rest };
  }

  /** Where it is not known whether there is such an account, another one is made. */
  private async register(): Promise<SharedAccount> {
    for (;;) {
      const account = this.world.newAccount();
      const [email = ''] = account.emails;
      const [password = ''] = account.passwords;
      const send = (app: AppProcess) => app.post('/auth/register', { email, password });
      const details = { newEmail: email, newPassword: password, send };
      const recorded = await this.world.ask('register', this.request(account, details));
      if (outcomeOf(recorded) === 'done') return account;
      await wait(200);
    }
  }

  async login(account: SharedAccount): Promise<void> {
    const password = this.random.pick(account.passwords);
    const { status } = await this.logInBy(account, password);
    // The newest that works is the one in force.
    if (status === 200) account.passwords = account.passwords.slice(account.passwords.indexOf(password));
  }

  private async logInBy(account: SharedAccount, password: string): Promise<Recorded> {
    const email = this.random.pick(account.emails);
    const send = (app: AppProcess) => app.post('/auth/token', { username: email, password });
    const recorded = await this.world.ask('login', this.request(account, { email, password, send }));
    if (recorded.status !== 200) return recorded;
    account.emails = account.emails.slice(account.emails.indexOf(email));
    account.userId = claimsOf(recorded.body.access_token).sub;
    account.alive.push(holdPair(recorded.body));
    return recorded;
  }

  /** One of the sessions that should be alive, whoever of the household made it. */
  private async withSession<T>(
    account: SharedAccount,
    use: (held: Held) => Promise<T>,
  ): Promise<T | undefined> {
    if (account.alive.length === 0) await this.login(account);
    if (account.alive.length === 0) return undefined;
    return use(this.random.pick(account.alive));
  }

  async visit(account: SharedAccount, held?: Held): Promise<void> {
    if (!held) return this.withSession(account, (found) => this.visit(account, found));
    const send = (app: AppProcess) => app.get('/protected', held.accessToken);
    const { status } = await this.world.ask('visit', this.request(account, { session: held.id, send }));
    if (status === 401) account.end(held);
  }

  async refresh(account: SharedAccount): Promise<void> {
    await this.withSession(account, (held) => this.rotate(account, held));
  }

  private async rotate(account: SharedAccount, held: Held, shown = held.refreshTokens.at(-1)): Promise<void> {
    const { token = '', generation = 0 } = shown ?? {};
    const send = (app: AppProcess) => app.post('/auth/refresh', { refresh_token: token });
    const details = { session: held.id, generation, send };
    const { status, body } = await this.world.ask('refresh', this.request(account, details));
    if (status === 401) account.end(held);
    if (status !== 200) return;
    const next = generationOf(body.refresh_token);
    if (next.generation > (held.refreshTokens.at(-1)?.generation ?? 0)) held.refreshTokens.push(next);
  }

  async twoTabs(account: SharedAccount): Promise<void> {
    await this.withSession(account, (held) =>
      Promise.all([this.rotate(account, held), this.rotate(account, held)]),
    );
  }

  async replay(account: SharedAccount): Promise<void> {
    const held = account.alive.find(({ refreshTokens }) => refreshTokens.length > 1);
    if (held) await this.rotate(account, held, this.random.pick(held.refreshTokens.slice(0, -1)));
  }

  async logOut(account: SharedAccount): Promise<void> {
    await this.withSession(account, async (held) => {
      account.end(held);
      const refresh_token = held.refreshTokens.at(-1)?.token;
      const send = this.random.chance(0.5)
        ? (app: AppProcess) => app.post('/auth/logout', { refresh_token })
        : (app: AppProcess) => app.post('/auth/logout', {}, held.accessToken);
      await this.world.ask('logout', this.request(account, { session: held.id, send }));
    });
  }

  async logOutEverywhere(account: SharedAccount): Promise<void> {
    await this.withSession(account, async (held) => {
      const send = (app: AppProcess) => app.post('/auth/logout-all', {}, held.accessToken);
      const recorded = await this.world.ask('logoutAll', this.request(account, { session: held.id, send }));
      if (outcomeOf(recorded) === 'done') account.endAll();
    });
  }

  async endOthers(account: SharedAccount): Promise<void> {
    await this.withSession(account, async (held) => {
      const send = (app: AppProcess) => app.delete('/auth/sessions', {}, held.accessToken);
      const recorded = await this.world.ask('endOthers', this.request(account, { session: held.id, send }));
      if (outcomeOf(recorded) === 'done') account.endAll(held);
    });
  }

  async endOne(account: SharedAccount): Promise<void> {
    await this.withSession(account, async (held) => {
      const target = this.random.pick(account.alive);
      account.end(target);
      const send = (app: AppProcess) => app.delete(`/auth/sessions/${target.id}`, {}, held.accessToken);
      await this.world.ask(
        'endSession',
        this.request(account, { session: held.id, target: target.id, send }),
      );
    });
  }

  async changePassword(account: SharedAccount): Promise<void> {
    await this.withSession(account, async (held) => {
      const password = this.random.pick(account.passwords);
      const newPassword = this.world.newPassword();
      const change = { current_password: password, new_password: newPassword };
      const send = (app: AppProcess) => app.post('/auth/change-password', change, held.accessToken);
      const details = { session: held.id, password, newPassword, send };
      const recorded = await this.world.ask('changePassword', this.request(account, details));
      this.notePassword(account, recorded);
      if (recorded.status === 200) account.alive.push(holdPair(recorded.body));
    });
  }

  private notePassword(account: SharedAccount, recorded: Recorded): void {
    const { newPassword = '' } = recorded;
    const outcome = outcomeOf(recorded);
    if (outcome === 'unknown') account.passwords.push(newPassword);
    if (outcome !== 'done') return;
    account.setPassword(newPassword);
    account.endAll();
  }

  async forget(account: SharedAccount): Promise<void> {
    const email = this.random.pick(account.emails);
    const send = (app: AppProcess) => app.post('/auth/forgot-password', { email });
    await this.world.ask('forgot', this.request(account, { send }));
  }

  /** The newest link mostly; now and then an older one, which was used or is void. */
  private pickLink(account: SharedAccount, kind: Link['kind']): Link | undefined {
    const links = account.links.filter((each) => each.kind === kind);
    return this.random.chance(0.7)
      ? links.at(-1)
      : links[this.random.whole(0, Math.max(0, links.length - 1))];
  }

  async reset(account: SharedAccount): Promise<void> {
    const link = this.pickLink(account, 'reset');
    if (!link) return this.forget(account);
    const newPassword = this.world.newPassword();
    const { token } = link;
    const send = (app: AppProcess) => app.post('/auth/reset-password', { token, password: newPassword });
    this.notePassword(
      account,
      await this.world.ask('reset', this.request(account, { link, newPassword, send })),
    );
  }

  async changeEmail(account: SharedAccount): Promise<void> {
    await this.withSession(account, async (held) => {
      const password = this.random.pick(account.passwords);
      const newEmail = this.world.newEmail();
      const send = (app: AppProcess) =>
        app.post('/auth/change-email', { email: newEmail, password }, held.accessToken);
      await this.world.ask(
        'changeEmail',
        this.request(account, { session: held.id, password, newEmail, send }),
      );
    });
  }

  async confirmEmail(account: SharedAccount): Promise<void> {
    const link = this.pickLink(account, 'confirmEmail');
    if (!link) return this.changeEmail(account);
    const { to: newEmail, token } = link;
    const send = (app: AppProcess) => app.post('/auth/change-email/confirm', { token });
    const recorded = await this.world.ask('confirmEmail', this.request(account, { link, newEmail, send }));
    const outcome = outcomeOf(recorded);
    if (outcome === 'done') account.emails = [newEmail];
    if (outcome === 'unknown') account.emails.push(newEmail);
  }

  async disableForAWhile(account: SharedAccount): Promise<void> {
    const { userId } = account;
    if (!userId) return;
    const set = (standing: 'disable' | 'enable') =>
      this.world.insist(
        standing,
        this.request(account, { send: (app) => app.post(`/users/${userId}/${standing}`) }),
        15_000,
      );
    await set('disable');
    account.endAll();
    for (let tries = this.random.whole(1, 4); tries > 0; tries -= 1) await this.login(account);
    await set('enable');
  }

  /** Deletes the account; what is left of it is for the others of the household to find out, for a while. */
  async leave(account: SharedAccount): Promise<void> {
    await this.withSession(account, async (held) => {
      const password = this.random.pick(account.passwords);
      const send = (app: AppProcess) => app.delete('/auth/me', { password }, held.accessToken);
      await this.world.ask('delete', this.request(account, { session: held.id, password, send }));
      this.household.until = Math.min(this.household.until, this.world.now() + 2000);
    });
  }

  async useWhatIsOver(account: SharedAccount): Promise<void> {
    if (account.over.length === 0) return;
    const held = this.random.pick(account.over);
    await (this.random.chance(0.5) ? this.visit(account, held) : this.rotate(account, held));
  }

  async useAFormerPassword(account: SharedAccount): Promise<void> {
    if (account.formerPasswords.length > 0)
      await this.logInBy(account, this.random.pick(account.formerPasswords));
  }

  /** Asks for all that the clients have of an account, until there are answers. */
  async check(account: SharedAccount): Promise<void> {
    const insist = async (
      kind: 'visit' | 'refresh' | 'login' | 'reset',
      details: Omit<Request, 'account' | 'client' | 'app'>,
    ) => {
      const recorded = await this.world.insist(kind, this.request(account, details));
      if (outcomeOf(recorded) === 'unknown') throw new Error(`${kind} stays unavailable when all is healed`);
    };
    for (const held of [...account.alive, ...account.over]) {
      const { token = '', generation = 0 } = held.refreshTokens.at(-1) ?? {};
      await insist('visit', { session: held.id, send: (app) => app.get('/protected', held.accessToken) });
      await insist('refresh', {
        session: held.id,
        generation,
        send: (app) => app.post('/auth/refresh', { refresh_token: token }),
      });
    }
    for (const password of [...account.formerPasswords, ...account.passwords])
      for (const email of account.emails)
        await insist('login', {
          email,
          password,
          send: (app) => app.post('/auth/token', { username: email, password }),
        });
    for (const link of account.links.filter(({ kind }) => kind === 'reset')) {
      const newPassword = this.world.newPassword();
      await insist('reset', {
        link,
        newPassword,
        send: (app) => app.post('/auth/reset-password', { token: link.token, password: newPassword }),
      });
    }
  }
}
