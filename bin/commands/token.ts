import { parseArgs } from 'node:util'
import { wallClock } from '../../platform/clocks.ts'
import { createTokens, isRole, ROLES } from '../../platform/identity/identity.ts'
import { loadSecrets } from '../../platform/identity/secrets.ts'
import type { Command } from '../command.ts'
import { askGraph } from '../graphClient.ts'
import { readRunning } from '../running.ts'
import { SettingsError } from '../settings.ts'

const TTL_SECONDS = 12 * 3600

export const token: Command = {
  summary: 'Prints a bearer token of the running default (12 h).',
  usage: `token --operator | --tenant SLUG [--role ${ROLES.join('|')}] [--subject NAME]`,
  async run(args, { dataDir }) {
    const { values } = parseArgs({
      args,
      options: {
        operator: { type: 'boolean' },
        tenant: { type: 'string' },
        role: { type: 'string', default: 'developer' },
        subject: { type: 'string' },
      },
    })
    const running = await readRunning(dataDir)
    if (running === null)
      throw new SettingsError(
        `Nothing runs on the data folder ${dataDir}.`,
        'Start it with `npm start`, or name its folder in SLUICE_DATA.',
      )
    const { client } = await loadSecrets(dataDir)
    const tokens = createTokens({ secret: client, audience: 'client', wall: wallClock })
    const operator = { kind: 'operator', subject: values.subject ?? 'operator' } as const
    if (values.operator) {
      process.stdout.write(`${await tokens.issue(operator, TTL_SECONDS)}\n`)
      return 0
    }
    const { tenant: slug, role } = values
    if (slug === undefined) throw new SettingsError('For whom?', 'Say --operator, or --tenant SLUG.')
    if (!isRole(role)) throw new SettingsError(`There is no role "${role}".`, `Take one of ${ROLES.join(', ')}.`)
    const { tenant } = await askGraph<{ tenant: { id: string } | null }>(
      running.url,
      await tokens.issue(operator, 60),
      {
        query: 'query TenantOfSlug($slug: String!) { tenant(slug: $slug) { id } }',
        variables: { slug },
      },
    ).catch((error: unknown) => {
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
