import type { Tokens } from '../../platform/identity/identity.ts'
import type { Operation } from '../graphClient.ts'

/** The clients of a replay: an operator and four tenants, all through the gateway. */
export interface ReplayClients {
  tenants: ReplayTenant[]
  /** Requests made by all of them so far. */
  readonly requests: number
  askOperator<T>(operation: Operation): Promise<T>
}
export interface ReplayTenant {
  id: string
  slug: string
  projectId: string
  token: string
  ask<T>(operation: Operation): Promise<T>
}

/** The trace says nothing of who submitted a pod: rows are dealt out in turn. */
const TENANTS = 4
const TOKEN_SECONDS = 12 * 3_600

const CREATE_TENANT = `mutation Tenant($input: CreateTenantInput!) {
  made: createTenant(input: $input) { object: tenant { id } userErrors { code message } }
}`
const CREATE_PROJECT = `mutation Project($input: CreateProjectInput!) {
  made: createProject(input: $input) { object: project { id } userErrors { code message } }
}`
interface Made {
  made: { object: { id: string } | null; userErrors: { code: string; message: string }[] }
}

/** @param ask the gateway, as whoever the token is of */
export async function createClients(
  ask: <T>(token: string, operation: Operation) => Promise<T>,
  tokens: Tokens,
): Promise<ReplayClients> {
  let requests = 0
  const askAs =
    (token: string) =>
    <T>(operation: Operation) => {
      requests += 1
      return ask<T>(token, operation)
    }
  const askOperator = askAs(await tokens.issue({ kind: 'operator', subject: 'replay' }, TOKEN_SECONDS))

  async function make(query: string, input: object): Promise<string> {
    const { made } = await askOperator<Made>({ query, variables: { input } })
    if (made.object !== null) return made.object.id
    throw new Error(made.userErrors.map(({ code, message }) => `${code}: ${message}`).join('; '))
  }
  async function createTenant(number: number): Promise<ReplayTenant> {
    const slug = `trace${number}`
    const id = await make(CREATE_TENANT, { slug, name: `Rows ${number} modulo ${TENANTS}` })
    const projectId = await make(CREATE_PROJECT, { tenantId: id, slug: 'trace', name: 'Trace' })
    const claims = { kind: 'member', subject: `replay@${slug}`, tenantId: id, tenantSlug: slug } as const
    const token = await tokens.issue({ ...claims, role: 'developer' }, TOKEN_SECONDS)
    return { id, slug, projectId, token, ask: askAs(token) }
  }

  const tenants: ReplayTenant[] = []
  for (let number = 0; number < TENANTS; number += 1) tenants.push(await createTenant(number))
  return {
    tenants,
    askOperator,
    get requests() {
      return requests
    },
  }
}

export function tenantOfRow({ tenants }: ReplayClients, row: number): ReplayTenant {
  const tenant = tenants[row % tenants.length]
  if (tenant === undefined) throw new Error('a replay has tenants')
  return tenant
}
