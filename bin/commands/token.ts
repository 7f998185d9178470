import { parseArgs } from 'node:util'
import { wallClock } from '../../platform/clocks.ts'
import { createTokens, isRole, ROLES } from '../../platform/identity/identity.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import type { Command } from '../command.ts'
import { askGraph } from '../graphClient.ts'
import { readRunning } from '../running.ts'
import { type Settings, SettingsError } from '../settings.ts'

const TTL_SECONDS = 12 * 3600

export const token: Command = {
  summary: 'Prints a bearer token (12 h) of what runs on the data folder, or of the gateway at SLUICE_URL.',
  usage: `token --operator | --join CLUSTER | --tenant SLUG [--role ${ROLES.join('|')}] [--subject NAME]`,
  async run(args, { dataDir, apart }) {
    const { values } = parseArgs({
      args,
      options: {
        operator: { type: 'boolean' },
        join: { type: 'string' },
        tenant: { type: 'string' },
        role: { type: 'string', default: 'developer' },
        subject: { type: 'string' },
      },
    })
    const { url, secret } = await gatewayOf(dataDir, apart)
    const tokens = createTokens({ secret, audience: 'client', wall: wallClock })
    const operator = { kind: 'operator', subject: values.subject ?? 'operator' } as const
    if (values.operator) {
      process.stdout.write(`${await tokens.issue(operator, TTL_SECONDS)}\n`)
      return 0
    }
    if (values.join !== undefined) {
      process.stdout.write(`${await joinToken(url, await tokens.issue(operator, 60), values.join)}\n`)
      return 0
    }
    const { tenant: slug, role } = values
    if (slug === undefined) throw new SettingsError('For whom?', 'Say --operator, --join CLUSTER, or --tenant SLUG.')
    if (!isRole(role)) throw new SettingsError(`There is no role "${role}".`, `Take one of ${ROLES.join(', ')}.`)
    const { tenant } = await askGraph<{ tenant: { id: string } | null }>(url, await tokens.issue(operator, 60), {
      query: 'query TenantOfSlug($slug: String!) { tenant(slug: $slug) { id } }',
      variables: { slug },
    }).catch((error: unknown) => {
      throw new SettingsError(
        String(error instanceof Error ? error.message : error),
        `Is there a tenant "${slug}"? An operator makes one with createTenant.`,
      )
    })
    if (tenant === null)
      throw new SettingsError(`There is no tenant "${slug}".`, 'An operator makes one with createTenant.')
    const member = {
      kind: 'member',
      subject: values.subject ?? `${role}@${slug}`,
      tenantId: tenant.id,
      tenantSlug: slug,
      role,
    } as const
    process.stdout.write(`${await tokens.issue(member, TTL_SECONDS)}\n`)
    return 0
  },
}

/** Whoever holds the secret that a gateway's clients are known by may speak for any of them. */
async function gatewayOf(dataDir: string, { clientSecret, gatewayUrl }: Settings['apart']) {
  if (clientSecret !== null) return { url: gatewayUrl, secret: clientSecret }
  const running = await readRunning(dataDir)
  if (running === null)
    throw new SettingsError(
      `Nothing runs on the data folder ${dataDir}.`,
      'Start it with `npm start`, name its folder in SLUICE_DATA, or the secret of a gateway in SLUICE_CLIENT_SECRET_FILE.',
    )
  return { url: running.url, secret: (await loadSecrets(dataDir)).client }
}

interface JoinAnswer {
  createJoinToken: { token: string | null; userErrors: { message: string; fix: string | null }[] }
}

/** Unlike the others it is made by the control plane, which can take it back. */
async function joinToken(url: string, operatorToken: string, cluster: string): Promise<string> {
  const { createJoinToken } = await askGraph<JoinAnswer>(url, operatorToken, {
    query: `mutation Join($input: CreateJoinTokenInput!) {
      createJoinToken(input: $input) { token userErrors { message fix } }
    }`,
    variables: { input: { cluster } },
  })
  const [refused] = createJoinToken.userErrors
  if (refused) throw new SettingsError(refused.message, refused.fix ?? 'Choose another name.')
  return createJoinToken.token ?? ''
}
