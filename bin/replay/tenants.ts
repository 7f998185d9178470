import type { Tokens } from '../../platform/identity/identity.ts'
import { askGraph, type Operation } from '../graphClient.ts'

/** The clients of a replay: an operator and four tenants, all through the gateway; every request is counted. */
export interface ReplayClients {
  tenants: ReplayTenant[]
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
export const TENANTS = 4
const TOKEN_SECONDS = 12 * 3_600

interface Made {
  made: { object: { id: string } | null; userErrors: { code: string; message: string }[] }
}

export async function createClients(url: string, tokens: Tokens): Promise<ReplayClients> {
  let requests = 0
  const askAs =
    (token: string) =>
    <T>(operation: Operation) => {
      requests += 1
      return askGraph<T>(url, token, operation)
    }
  const operator = await tokens.issue({ kind: 'operator', subject: 'replay' }, TOKEN_SECONDS)
  const askOperator = askAs(operator)
  const make = async (operation: Operation) => {
    const { made } = await askOperator<Made>(operation)
    if (made.object === null)
      throw new Error(made.userErrors.map(({ code, message }) => `${code}: ${message}`).join('; '))
    return made.object.id
  }

  const tenants: ReplayTenant[] = []
  for (let number = 0; number < TENANTS; number += 1) {
    const slug = `trace${number}`
    const id = await make({
      query:
        'mutation Tenant($input: CreateTenantInput!) { made: createTenant(input: $input) { object: tenant { id } userErrors { code message } } }',
      variables: { input: { slug, name: `Rows ${number} modulo ${TENANTS}` } },
    })
    const projectId = await make({
      query:
        'mutation Project($input: CreateProjectInput!) { made: createProject(input: $input) { object: project { id } userErrors { code message } } }',
      variables: { input: { tenantId: id, slug: 'trace', name: 'Trace' } },
    })
    const claims = {
      kind: 'member',
      subject: `replay@${slug}`,
      tenantId: id,
      tenantSlug: slug,
      role: 'developer',
    } as const
    const token = await tokens.issue(claims, TOKEN_SECONDS)
    tenants.push({ id, slug, projectId, token, ask: askAs(token) })
  }
  return {
    tenants,
    askOperator,
    get requests() {
      return requests
    },
  }
}
