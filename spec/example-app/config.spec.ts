import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { readConfig } from '../../example-app/config.js';

describe('the configuration of the example app', () => {
  it('has defaults for all, and takes an empty variable for none', () => {
    const { auth, ...config } = readConfig({
      PORT: '',
      HOST: '',
      TRUST_PROXY: '',
      MONGODB_URI: '',
      NODE_ENV: '',
    });
    expect(config).to.deep.equal({
      production: false,
      port: 3000,
      host: '127.0.0.1',
      trustProxy: false,
      corsOrigins: [],
      mongodbUri: undefined,
    });
    expect(auth).to.deep.equal({});
  });

  it("reads TRUST_PROXY as Express's setting", () => {
    for (const [text, value] of [
      ['true', true],
      ['false', false],
      ['2', 2],
      ['loopback', ['loopback']],
      ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
    ] as const) {
      expect(readConfig({ TRUST_PROXY: text }).trustProxy, text).to.deep.equal(value);
    }
  });

  it('reads CORS_ORIGINS as a list', () => {
    const { corsOrigins } = readConfig({ CORS_ORIGINS: 'http://localhost:5173, https://app.example.com' });
    expect(corsOrigins).to.deep.equal(['http://localhost:5173', 'https://app.example.com']);
  });

  it('of production needs a secret and a database', () => {
    const production = {
      NODE_ENV: 'production',
      AUTH_SECRET_KEY: randomBytes(32).toString('base64'),
      MONGODB_URI: 'mongodb://db',
    };
    expect(readConfig(production)).to.deep.include({ production: true, mongodbUri: 'mongodb://db' });
    expect(() => readConfig({ NODE_ENV: 'production' })).to.throw(
      'AUTH_SECRET_KEY and MONGODB_URI: required with NODE_ENV=production, and not given',
    );
  });

  it('names the variable, what was given and what is allowed', () => {
    for (const [env, message] of [
      [{ PORT: 'http' }, 'PORT: "http" given; allowed: 0 to 65535, 0 = any free port'],
      [{ PORT: '65536' }, 'PORT: "65536" given; allowed: 0 to 65535, 0 = any free port'],
      [{ PORT: '-1' }, 'PORT: "-1" given; allowed: 0 to 65535, 0 = any free port'],
      [
        { CORS_ORIGINS: 'http://localhost:5173/' },
        'CORS_ORIGINS: "http://localhost:5173/" given; allowed: origins with commas between them, e.g. http://localhost:5173',
      ],
      [{ AUTH_THROTTLE: 'no' }, 'AUTH_THROTTLE: "no" given; allowed: on, off'],
      [{ AUTH_SECRET_KEY: 'hunter2' }, 'AUTH_SECRET_KEY: a secret of 7 bytes given; allowed: '],
      [{ NODE_ENV: 'prod' }, 'NODE_ENV: "prod" given; allowed: development, test, production'],
      [
        { TRUST_PROXY: 'everyone' },
        'TRUST_PROXY: "everyone" given; allowed: true, false, a number of proxies, or addresses and networks with commas',
      ],
    ] as const) {
      expect(() => readConfig(env))
        .to.throw(message)
        .with.property('name', 'StartError');
    }
  });
});
