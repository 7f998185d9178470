import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { SignJWT } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { wallClock } from '../../../platform/clocks.ts'
import { type Claims, createTokens, ROLES } from '../../../platform/identity/identity.ts'
import { loadSecrets } from '../../../platform/identity/secrets.ts'
import { about, codesOf, dataOf } from '../../testkit/answers.ts'
import { startCloud } from '../../testkit/cloud.ts'
import { runProgram } from '../../testkit/program.ts'
import { publicSchemaOf } from '../../testkit/publicSchema.ts'

const cloud = await startCloud(afterAll)
const acme = await cloud.tenant('acme')
const VIEWER = 'query Viewer { viewer { kind subject role tenant { slug } } }'
const operator: Claims = { kind: 'operator', subject: 'olga' }

/** A command of the program on the running data folder, as a person types it. */
async function command(...args: string[]) {
  const program = runProgram(args, { SLUICE_DATA: cloud.dataDir })
  const { code } = await program.ended
  return { code, stdout: program.stdout(), stderr: program.stderr() }
}

describe('a request without a good token is refused', async () => {
  const { subgraph } = await loadSecrets(cloud.dataDir)
  const wall = wallClock
  const foreign = { secret: new Uint8Array(32).fill(7), audience: 'client', wall } as const
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"kind":"operator","sub":"olga","aud":"client","exp":9999999999}')}.`
  const refused: Record<string, { token: string | null; code: string }> = {
    none: { token: null, code: 'UNAUTHENTICATED' },
    'no token at all': { token: 'nonsense', code: 'TOKEN_INVALID' },
    'one that has expired': { token: await cloud.token(operator, -1), code: 'TOKEN_EXPIRED' },
    'one that somebody else signed': { token: await createTokens(foreign).issue(operator, 60), code: 'TOKEN_INVALID' },
    'one that nobody signed': { token: unsigned, code: 'TOKEN_INVALID' },
    'one of a signed identity inside': {
      token: await createTokens({ secret: subgraph, audience: 'subgraph', wall }).issue(operator, 60),
      code: 'TOKEN_INVALID',
    },
    'one of an unknown kind': {
      token: await new SignJWT({ kind: 'emperor' })
        .setProtectedHeader({ alg: 'HS256' })
        .setAudience('client')
        .setSubject('nero')
        .setExpirationTime('1h')
        .sign((await loadSecrets(cloud.dataDir)).client),
      code: 'TOKEN_INVALID',
    },
  }
  for (const [name, { token, code }] of Object.entries(refused)) {
    test(`${name}: ${code}`, async () => {
      const answer = await cloud.ask(token, VIEWER)
      expect([answer.status, codesOf(answer), answer.data], about(answer)).toEqual([401, [code], undefined])
      expect(answer.errors?.[0]?.extensions.requestId).toBe(answer.requestId)
    })
  }

  test('one of an agent: the graph is not for it', async () => {
    const answer = await cloud.ask(await cloud.token({ kind: 'agent', subject: 'agent', cluster: 'local' }), VIEWER)
    expect([answer.status, codesOf(answer)], about(answer)).toEqual([403, ['FORBIDDEN']])
  })
})

for (const transport of ['SSE', 'WEBSOCKET'] as const) {
  test(`a stream over ${transport} ends with its token, and says so`, async () => {
    const { id: tenantId, slug: tenantSlug } = acme
    const member: Claims = { kind: 'member', subject: 'ada', tenantId, tenantSlug, role: 'developer' }
    const query = 'subscription Events { jobEvents { type } }'
    const answers = await Array.fromAsync(cloud.subscribe(await cloud.token(member, 2), query, {}, transport))
    expect(answers.map(codesOf)).toEqual([['TOKEN_EXPIRED']])
  })
}

describe('the command token', () => {
  test('prints an operator’s token and nothing else', async () => {
    const { code, stdout, stderr } = await command('token', '--operator')
    expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/), ''])
    const answer = await cloud.ask(stdout.trim(), VIEWER)
    expect(dataOf(answer), about(answer)).toMatchObject({ viewer: { kind: 'OPERATOR', role: null, tenant: null } })
  })

  for (const role of ROLES) {
    test(`prints one of a ${role} of a tenant`, async () => {
      const { stdout } = await command('token', '--tenant', acme.slug, '--role', role)
      const answer = await cloud.ask(stdout.trim(), VIEWER)
      expect(dataOf(answer), about(answer)).toMatchObject({
        viewer: { kind: 'MEMBER', role: role.toUpperCase().replace('-', '_'), tenant: { slug: acme.slug } },
      })
    })
  }

  test('prints one for a gateway whose secret it is given, wherever that runs', async () => {
    const secret = join(cloud.dataDir, 'client-secret')
    await writeFile(secret, Buffer.from((await loadSecrets(cloud.dataDir)).client).toString('base64url'))
    const env = { SLUICE_DATA: `${cloud.dataDir}/elsewhere`, SLUICE_CLIENT_SECRET_FILE: secret, SLUICE_URL: cloud.url }
    const program = runProgram(['token', '--tenant', acme.slug], env)
    expect(await program.ended, program.stderr()).toMatchObject({ code: 0 })
    const answer = await cloud.ask(program.stdout().trim(), VIEWER)
    expect(dataOf(answer), about(answer)).toMatchObject({ viewer: { kind: 'MEMBER', role: 'DEVELOPER' } })
  })

  test('prints one that a cluster joins with, which opens nothing of the graph', async () => {
    const { code, stdout } = await command('token', '--join', 'berlin')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\S+\n$/)])
    expect(codesOf(await cloud.ask(stdout.trim(), VIEWER))).toEqual(['TOKEN_INVALID'])
  })

  const mistakes: Record<string, { args: string[]; says: RegExp }> = {
    'for nobody': { args: [], says: /--operator/ },
    'for a tenant that is not there': { args: ['--tenant', 'nobody'], says: /nobody/ },
    'for a role that is not there': { args: ['--tenant', 'acme', '--role', 'king'], says: /tenant-admin/ },
    'with an option that is not there': { args: ['--king'], says: /--king/ },
  }
  for (const [name, { args, says }] of Object.entries(mistakes)) {
    test(`${name} says what is wrong, and prints no token`, async () => {
      const { code, stdout, stderr } = await command('token', ...args)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(says)
      expect(stderr).not.toMatch(/^ +at /m)
    })
  }

  test('where nothing runs says so', async () => {
    const program = runProgram(['token', '--operator'], { SLUICE_DATA: `${cloud.dataDir}/elsewhere` })
    expect((await program.ended).code).toBe(1)
    expect([program.stdout(), program.stderr()]).toEqual(['', expect.stringContaining('npm start')])
  })
})

test('the command schema prints the public schema that the gateway serves, and nothing else', async () => {
  const { code, stdout, stderr } = await command('schema')
  expect([code, stderr]).toEqual([0, ''])
  const sorted = (schema: Parameters<typeof lexicographicSortSchema>[0]) => printSchema(lexicographicSortSchema(schema))
  expect(sorted(buildSchema(stdout))).toBe(sorted(await publicSchemaOf(cloud)))
})
