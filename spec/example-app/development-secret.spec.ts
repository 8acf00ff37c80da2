import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { developmentSecret, needsSecret } from '../../example-app/development-secret.js';

describe("the example app's secret for development", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'example-app-spec-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made for development alone, and for what signs with a secret', () => {
    expect(needsSecret({ production: false, auth: {} })).to.equal(true);
    expect(needsSecret({ production: false, auth: { algorithm: 'HS512' } })).to.equal(true);
    expect(needsSecret({ production: false, auth: { algorithm: 'ES256' } })).to.equal(false);
    expect(needsSecret({ production: false, auth: { secretKey: 'of its own' } })).to.equal(false);
    expect(needsSecret({ production: true, auth: {} })).to.equal(false);
  });

  it('is one, however many starts make it at once', async () => {
    const data = join(folder, '.data');
    const secrets = await Promise.all(Array.from({ length: 50 }, () => developmentSecret(data)));
    expect(new Set(secrets).size).to.equal(1);
    expect(await developmentSecret(data)).to.equal(secrets[0]);
    expect(await readdir(data)).to.deep.equal(['development-secret']);
  });

  it('is another in another folder', async () => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    expect(await developmentSecret(one)).to.not.equal(await developmentSecret(other));
  });

  it('that was damaged stops the start, and is not quoted', async () => {
    await writeFile(join(folder, 'development-secret'), 'hunter2');
    const thrown = await developmentSecret(folder).catch((error) => error);
    expect(thrown).to.have.property('name', 'StartError');
    expect(thrown.message)
      .to.match(/development-secret: damaged; remove it, /)
      .and.not.include('hunter2');
  });

  it('that cannot be kept stops the start', async () => {
    const data = join(folder, 'file');
    await writeFile(data, '');
    const thrown = await developmentSecret(data).catch((error) => error);
    expect(thrown).to.have.property('name', 'StartError');
    expect(thrown.message).to.match(/^AUTH_SECRET_KEY: none given, and none can be kept in .* \(E\w+\)$/);
  });
});
