import { cut, type Protection } from './protection.js';

const CONFIG = [
  'config/resolve-options.spec.ts',
  'config/options-from-env.spec.ts',
  'config/signing-key.spec.ts',
];
const STRATEGY = ['security/jwt-strategy.spec.ts', 'http/guards.spec.ts', 'features/jwks.spec.ts'];

/** Configuration and tokens. */
export const TOKENS: readonly Protection[] = [
  {
    name: 'a secret that is too short starts',
    holds: [1],
    cuts: [
      cut(
        'config/signing-key.ts',
        '  if (bytes < needed) throw new TypeError(`${name}: a secret of ${bytes} bytes given; allowed: ${allowed}`);\n',
      ),
    ],
    specs: CONFIG,
  },
  {
    name: 'a placeholder starts',
    holds: [1],
    cuts: [
      cut(
        'config/signing-key.ts',
        '  if (predictable) throw new TypeError(`${name}: ${predictable} given; allowed: ${allowed}`);\n',
      ),
    ],
    specs: CONFIG,
  },
  {
    name: 'a secret of the environment is not checked',
    holds: [1],
    cuts: [
      cut(
        'config/option-table.ts',
        'checkSigningKey(name, withoutComma(name, key.trim()), algorithmIn(env) ?? likelyAlgorithm(key)),',
        'withoutComma(name, key.trim()),',
      ),
    ],
    specs: CONFIG,
  },
  {
    name: 'a previous secret is not checked',
    holds: [1],
    cuts: [
      cut(
        'config/option-table.ts',
        'checkSecrets(name, keys).map((key) => checkVerifyingKey(name, key, algorithmOf(all))),',
        'checkSecrets(name, keys),',
      ),
    ],
    specs: CONFIG,
  },
  {
    name: 'the algorithm none is one',
    holds: [2],
    cuts: [
      cut(
        'config/signing-key.ts',
        'ALGORITHMS = [...Object.keys(KEY_BYTES)',
        "ALGORITHMS = ['none', ...Object.keys(KEY_BYTES)",
      ),
    ],
    specs: CONFIG,
  },
  {
    name: 'a PEM key is taken for a shared secret',
    holds: [2],
    cuts: [cut('config/signing-key.ts', '  if (isPem(value)) {\n', '  if (false) {\n')],
    specs: CONFIG,
  },
  {
    name: 'a key of another kind is taken',
    holds: [2],
    cuts: [cut('config/signing-key.ts', 'return fits[algorithm] ? value', 'return key ? value')],
    specs: CONFIG,
  },
  {
    name: 'access tokens of no time and of negative times',
    holds: [3],
    cuts: [cut('config/limits.ts', 'min: SECOND_IN_MINUTES,', 'min: -10,')],
    specs: CONFIG,
  },
  {
    name: 'refresh tokens of no time and of negative times',
    holds: [3],
    cuts: [
      cut(
        'config/limits.ts',
        'refreshTokenExpireDays: {\n    min: SECOND_IN_DAYS,',
        'refreshTokenExpireDays: {\n    min: -10,',
      ),
    ],
    specs: CONFIG,
  },
  {
    name: 'a grace time of less than nothing',
    holds: [3],
    cuts: [cut('config/limits.ts', 'refreshGraceSeconds: { min: 0,', 'refreshGraceSeconds: { min: -10,')],
    specs: CONFIG,
  },
  {
    name: 'the number at the beginning of a text counts (15x)',
    holds: [3],
    cuts: [
      cut(
        'config/option-row.ts',
        "  if (!/^-?\\d+(\\.\\d+)?$/.test(digits)) refuse(name, digits, 'a decimal number');\n  return Number(digits);",
        '  return Number.parseFloat(digits);',
      ),
    ],
    specs: CONFIG,
  },
  {
    name: 'a lifetime in minutes is taken for seconds',
    holds: [3],
    cuts: [cut('sign-in.ts', 'accessTokenExpireMinutes * 60)', 'accessTokenExpireMinutes)')],
    specs: ['sign-in.spec.ts', 'testing/login-as.spec.ts'],
  },
  {
    name: 'any HMAC size is taken',
    holds: [4],
    cuts: [
      cut(
        'security/jwt-strategy.ts',
        'algorithms: [keys.algorithm],',
        "algorithms: ['HS256', 'HS384', 'HS512', 'RS256', 'ES256'],",
      ),
    ],
    specs: STRATEGY,
  },
  {
    name: 'the signature of a token is not checked',
    holds: [4],
    cuts: [
      cut(
        'security/jwt-strategy.ts',
        '  return new JwtStrategy(options, (payload: unknown, done) => {',
        `  (JwtStrategy as never as { JwtVerifier: unknown }).JwtVerifier = (
    token: string,
    _key: unknown,
    _options: unknown,
    done: (error: null, payload: unknown) => void,
  ) => done(null, jwt.decode(token));
  return new JwtStrategy(options, (payload: unknown, done) => {`,
      ),
    ],
    specs: STRATEGY,
  },
  {
    name: 'a token that was verified is known again without its signature',
    holds: [4],
    cuts: [
      cut(
        'http/token-reader.ts',
        "const { authorization = '' } = from.headers;",
        "const authorization = (from.headers.authorization ?? '').split('.').slice(0, 2).join('.');",
      ),
    ],
    specs: ['http/token-reader.spec.ts', 'http/guards.spec.ts', 'security/verified-tokens.spec.ts'],
  },
  {
    name: 'an unknown kid is taken for the current key',
    holds: [5],
    cuts: [
      cut(
        'security/key-ring.ts',
        "(typeof kid === 'string' ? byKid.get(kid) : undefined)",
        'byKid.get(kid as string) ?? current',
      ),
    ],
  },
  {
    name: 'a key in the header of a token is believed (jwk)',
    holds: [5],
    cuts: [
      cut(
        'security/jwt-strategy.ts',
        'const key = keys.find(readKid(token, TOKEN_TYP[type]));',
        `const { createPublicKey, createSecretKey } = process.getBuiltinModule('node:crypto');
      const jwk = (decode(token)?.header as { jwk?: { kty: string; k: string } } | undefined)?.jwk;
      const key = !jwk
        ? keys.find(readKid(token, TOKEN_TYP[type]))
        : jwk.kty === 'oct'
          ? { verifying: createSecretKey(Buffer.from(jwk.k, 'base64url')) }
          : { verifying: createPublicKey({ key: jwk as never, format: 'jwk' }) };`,
      ),
    ],
  },
  {
    name: 'one type of token passes for the other',
    holds: [6],
    cuts: [
      cut('security/jwt-strategy.ts', 'decoded && decoded.header.typ === typ && ', 'decoded && typ && '),
      cut('security/jwt-strategy.ts', '    claims.type === type &&\n'),
    ],
    specs: ['security/jwt-strategy.spec.ts', 'http/guards.spec.ts', 'features/token/refresh-grant.spec.ts'],
  },
  {
    name: 'claims that are texts may be missing, or anything',
    holds: [7],
    cuts: [
      cut('security/jwt-strategy.ts', "strings.every((claim) => typeof claim === 'string') &&", 'strings &&'),
    ],
  },
  {
    name: 'claims that are numbers may be missing, or anything',
    holds: [7],
    cuts: [
      cut(
        'security/jwt-strategy.ts',
        'numbers.every((claim) => Number.isSafeInteger(claim)) &&',
        'numbers &&',
      ),
    ],
  },
  {
    name: 'a user and a session may have no name',
    holds: [7],
    cuts: [
      cut(
        'security/jwt-strategy.ts',
        "    claims.sub !== '' &&\n    claims.sid !== ''\n",
        '    claims !== undefined\n',
      ),
    ],
  },
  {
    name: 'a token stands for whoever has its address',
    holds: [10],
    cuts: [
      cut(
        'http/identify.ts',
        'loadSignIn(claims.sub, claims.sid, now())',
        'loadSignIn(claims.email, claims.sid, now())',
      ),
      cut(
        'models/sign-in-loader.ts',
        'const id = users.castId(userId);',
        'const id = (await users.findByEmail(userId))?._id;',
      ),
    ],
    specs: ['features/me.spec.ts'],
  },
];
