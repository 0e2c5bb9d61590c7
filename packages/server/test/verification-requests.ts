import { createHmac } from 'node:crypto'
import { limits } from '@cutover/contract'
import { signJwt, signUserHash } from '@cutover/signing'
import type { SentHead, TwoWays } from './two-ways.ts'

export function good({ signed }: TwoWays): string {
  return JSON.stringify(signed)
}

export function jwt({ secret }: TwoWays): string {
  return signJwt(secret, { user_id: 'user_1' })
}

/** Signed, whatever it claims. */
function unchecked({ secret }: TwoWays, claims: string): string {
  const input = [`{"alg":"HS256"}`, claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Bodies that a question may be, or not. */
export const questionBodies: Readonly<Record<string, (way: TwoWays) => string | Buffer>> = {
  'a hash': good,
  'a wrong hash': (way) => JSON.stringify({ ...way.signed, userId: 'user_2' }),
  'a hash in upper case': (way) => JSON.stringify({ ...way.signed, userHash: way.signed.userHash.toUpperCase() }),
  'a hash that is none': (way) => JSON.stringify({ ...way.signed, userHash: 'x' }),
  'a hash of an email': (way) =>
    JSON.stringify({ platform: 'web', email: 'a@b.example', userHash: signUserHash(way.secret, 'a@b.example') }),
  'a hash of nobody': (way) => JSON.stringify({ platform: 'web', userHash: way.signed.userHash }),
  'a user id beyond ASCII': (way) =>
    JSON.stringify({ platform: 'web', userId: 'Zoë 🦊', userHash: signUserHash(way.secret, 'Zoë 🦊') }),
  'nothing signed': () => '{"platform":"web"}',
  'a platform without a secret': (way) => JSON.stringify({ ...way.signed, platform: 'ios' }),
  'a source': (way) => JSON.stringify({ ...way.signed, source: 'billing' }),
  'a source of 65 characters': (way) => JSON.stringify({ ...way.signed, source: 'x'.repeat(65) }),
  'a source of 64 characters beyond the BMP': (way) => JSON.stringify({ ...way.signed, source: '🦊'.repeat(64) }),
  'its own workspace': (way) => JSON.stringify({ ...way.signed, workspaceId: way.cutover.workspaceId }),
  'no workspace that there is': (way) => JSON.stringify({ ...way.signed, workspaceId: 'ws_00000000000000000000' }),
  'no workspace at all': (way) => JSON.stringify({ ...way.signed, workspaceId: 'x' }),
  'a JWT': (way) => JSON.stringify({ platform: 'web', jwt: jwt(way) }),
  'a JWT of another user': (way) => JSON.stringify({ platform: 'web', userId: 'user_2', jwt: jwt(way) }),
  'a JWT without a user': (way) => JSON.stringify({ platform: 'web', jwt: unchecked(way, '{"user_id":""}') }),
  'a JWT that is none': () => '{"platform":"web","jwt":"a.b"}',
  'a JWT and a hash': (way) => JSON.stringify({ ...way.signed, jwt: jwt(way) }),
  'an unknown platform': (way) => JSON.stringify({ ...way.signed, platform: 'tv' }),
  'no platform': () => '{"userId":"user_1"}',
  'an unknown field': (way) => JSON.stringify({ ...way.signed, extra: 1 }),
  'a reference, which is for batches': (way) => JSON.stringify({ ...way.signed, reference: 'a' }),
  'a field __proto__': (way) => `{"__proto__":{"platform":"web"},${good(way).slice(1)}`,
  'a field constructor': (way) => `{"constructor":1,${good(way).slice(1)}`,
  'a field toString': (way) => `{"toString":"x",${good(way).slice(1)}`,
  'a field with a name of nothing': (way) => `{"":1,${good(way).slice(1)}`,
  'a field twice, the last one good': (way) => `{"platform":"tv",${good(way).slice(1)}`,
  'a field twice, the last one bad': (way) => `${good(way).slice(0, -1)},"platform":"tv"}`,
  'an empty user id': (way) => JSON.stringify({ ...way.signed, userId: '' }),
  'an empty email': (way) => JSON.stringify({ ...way.signed, email: '' }),
  'an empty hash': (way) => JSON.stringify({ ...way.signed, userHash: '' }),
  'a number for a user id': (way) => JSON.stringify({ ...way.signed, userId: 1 }),
  'null for a user id': (way) => JSON.stringify({ ...way.signed, userId: null }),
  'an array for a hash': (way) => JSON.stringify({ ...way.signed, userHash: [way.signed.userHash] }),
  'an object for a platform': (way) => JSON.stringify({ ...way.signed, platform: {} }),
  'a lone surrogate': (way) => `{"userId":"\\ud800",${good(way).slice(1)}`,
  'a lone surrogate as the user': () => '{"platform":"web","userId":"\\udfff","userHash":"x"}',
  'NUL in a user id': (way) =>
    JSON.stringify({ platform: 'web', userId: 'a\0b', userHash: signUserHash(way.secret, 'a\0b') }),
  'white space around it': (way) => ` \t\r\n${good(way)}\n `,
  'an empty object': () => '{}',
  'an array': (way) => `[${good(way)}]`,
  'a string': () => '"web"',
  null: () => 'null',
  'a number': () => '1',
  'half of it': (way) => good(way).slice(0, 20),
  'something after it': (way) => `${good(way)}x`,
  'two of them': (way) => `${good(way)}${good(way)}`,
  'single quotes': () => "{'platform':'web'}",
  'white space alone': () => '  ',
  'a byte order mark': (way) => `\ufeff${good(way)}`,
  'what is no UTF-8': () => Buffer.from('{"platform":"web","userId":"\xff"}', 'latin1'),
  'UTF-16': (way) => Buffer.from(good(way), 'utf16le'),
  'depth 33': () => `{"a":${'['.repeat(33)}${']'.repeat(33)}}`,
  'depth 5000': () => `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  'as much as may be': (way) => good(way).padEnd(limits.bodyBytes),
  'a byte too much': (way) => good(way).padEnd(limits.bodyBytes + 1),
  'a user id of 60,000 characters': (way) => JSON.stringify({ ...way.signed, userId: 'x'.repeat(60_000) }),
  nothing: () => '',
}

/** Heads that are answered as the plain one is, and heads that are not. */
export const questionHeads: Readonly<Record<string, (way: TwoWays) => SentHead>> = {
  'an absolute target': () => ({ line: 'POST http://localhost/v1/verifications HTTP/1.1' }),
  'a query': () => ({ line: 'POST /v1/verifications?a=1 HTTP/1.1' }),
  'an empty query': () => ({ line: 'POST /v1/verifications? HTTP/1.1' }),
  'a fragment': () => ({ line: 'POST /v1/verifications#a HTTP/1.1' }),
  'a slash at the end': () => ({ line: 'POST /v1/verifications/ HTTP/1.1' }),
  'two slashes': () => ({ line: 'POST //v1/verifications HTTP/1.1' }),
  'an encoded path': () => ({ line: 'POST /v1/verification%73 HTTP/1.1' }),
  'a path that does not decode': () => ({ line: 'POST /v1/verifications%ff HTTP/1.1' }),
  'another case': () => ({ line: 'POST /V1/verifications HTTP/1.1' }),
  'dots in its path': () => ({ line: 'POST /v1/../v1/verifications HTTP/1.1' }),
  'HTTP/1.0': () => ({ line: 'POST /v1/verifications HTTP/1.0' }),
  'HTTP/1.0 that keeps alive': () => ({
    line: 'POST /v1/verifications HTTP/1.0',
    headers: { Connection: 'keep-alive' },
  }),
  GET: () => ({ line: 'GET /v1/verifications HTTP/1.1' }),
  HEAD: () => ({ line: 'HEAD /v1/verifications HTTP/1.1' }),
  PUT: () => ({ line: 'PUT /v1/verifications HTTP/1.1' }),
  OPTIONS: () => ({ line: 'OPTIONS /v1/verifications HTTP/1.1' }),
  PROPFIND: () => ({ line: 'PROPFIND /v1/verifications HTTP/1.1' }),
  'names in lower case': (way) => ({
    headers: { Host: null, Authorization: null, 'Content-Type': null },
    more: ['host: localhost', `authorization: Bearer ${way.cutover.token}`, 'content-type: application/json'],
  }),
  'names in upper case': (way) => ({
    headers: { Host: null, Authorization: null, 'Content-Type': null },
    more: ['HOST: localhost', `AUTHORIZATION: Bearer ${way.cutover.token}`, 'CONTENT-TYPE: application/json'],
  }),
  'Connection: close': () => ({ headers: { Connection: 'close' } }),
  'Expect: 100-continue': () => ({ headers: { Expect: '100-continue' } }),
  'another expectation': () => ({ headers: { Expect: 'miracles' } }),
  'an id of its own': () => ({ headers: { 'X-Request-Id': 'mine' } }),
  'a workspace': (way) => ({ headers: { 'Cutover-Workspace': way.cutover.workspaceId } }),
  'an unknown workspace': () => ({ headers: { 'Cutover-Workspace': 'ws_00000000000000000000' } }),
  'a workspace that is none': () => ({ headers: { 'Cutover-Workspace': 'x' } }),
  'an empty workspace': () => ({ headers: { 'Cutover-Workspace': '' } }),
  'two workspaces': (way) => ({ more: [`Cutover-Workspace: ${way.cutover.workspaceId}`, 'cutover-workspace: x'] }),
  'two tokens': (way) => ({ more: [`authorization: Bearer ${way.cutover.token}`] }),
  'two hosts': () => ({ more: ['Host: localhost'] }),
  'no host': () => ({ headers: { Host: null } }),
  'an empty host': () => ({ headers: { Host: '' } }),
  'a host that is none': () => ({ headers: { Host: 'a/b' } }),
  'a host of IPv6': () => ({ headers: { Host: '[::1]:80' } }),
  'two media types': () => ({ more: ['Content-Type: application/json'] }),
  'no media type': () => ({ headers: { 'Content-Type': null } }),
  'an empty media type': () => ({ headers: { 'Content-Type': '' } }),
  'a form': () => ({ headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
  'a media type of JSON': () => ({ headers: { 'Content-Type': 'application/problem+json' } }),
  'a media type that begins like JSON': () => ({ headers: { 'Content-Type': 'application/jsonx' } }),
  'a media type in upper case': () => ({ headers: { 'Content-Type': 'APPLICATION/JSON' } }),
  'UTF-8 by name': () => ({ headers: { 'Content-Type': 'application/json; charset=utf-8' } }),
  'UTF-8 in upper case': () => ({ headers: { 'Content-Type': 'application/json;charset=UTF-8' } }),
  'UTF-8 in quotes': () => ({ headers: { 'Content-Type': 'application/json; charset="utf-8"' } }),
  'another charset': () => ({ headers: { 'Content-Type': 'application/json; charset=latin1' } }),
  'a parameter': () => ({ headers: { 'Content-Type': 'application/json; a=b' } }),
  'a semicolon': () => ({ headers: { 'Content-Type': 'application/json;' } }),
  'a coding of its content': () => ({ headers: { 'Content-Encoding': 'gzip' } }),
  'no token': () => ({ headers: { Authorization: null } }),
  'an empty token': () => ({ headers: { Authorization: '' } }),
  'a scheme alone': () => ({ headers: { Authorization: 'Bearer' } }),
  'another scheme': (way) => ({ headers: { Authorization: `Basic ${way.cutover.token}` } }),
  'a scheme in lower case': (way) => ({ headers: { Authorization: `bearer ${way.cutover.token}` } }),
  'two spaces before the token': (way) => ({ headers: { Authorization: `Bearer  ${way.cutover.token}` } }),
  'something after the token': (way) => ({ headers: { Authorization: `Bearer ${way.cutover.token} x` } }),
  'a token that is none': () => ({ headers: { Authorization: 'Bearer x' } }),
  'an unknown token': (way) => ({ headers: { Authorization: `Bearer ${way.cutover.token.slice(0, -1)}_` } }),
  'a token beyond ASCII': () => ({ headers: { Authorization: `Bearer ${'\xe9'.repeat(42)}` } }),
  'a cookie beside its token': () => ({ headers: { Cookie: 'cutover_session=x' } }),
  'a cookie in place of a token': () => ({ headers: { Authorization: null, Cookie: 'cutover_session=x' } }),
  'a page of another site': () => ({ headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' } }),
  'a proxy that nobody trusts': () => ({ headers: { 'X-Forwarded-For': '203.0.113.7', Via: '1.1 proxy' } }),
  'fifty other headers': () => ({ more: Array.from({ length: 50 }, (_, at) => `X-Header-${at}: ${at}`) }),
}
