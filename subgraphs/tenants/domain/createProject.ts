import { audit } from '../../../platform/audit.ts'
import type { Tx } from '../../../platform/database/database.ts'
import { appendEvents } from '../../../platform/events/events.ts'
import { knownFactsOf, publishFact } from '../../../platform/facts/facts.ts'
import { deny } from '../../../platform/graph/deny.ts'
import { idempotent, type Outcome } from '../../../platform/idempotency.ts'
import { may } from '../../../platform/identity/authorize.ts'
import { putDirective } from '../../../platform/link/directives.ts'
import type { Context } from '../context.ts'
import type { CreateProjectInput } from '../generated/resolvers.ts'
import { tenantLoader } from '../loaders.ts'
import { insertProject, type ProjectRow, projectSlugTaken } from '../store/projects.ts'
import { lockClusters } from '../store/servedClusters.ts'
import type { TenantRow } from '../store/tenants.ts'
import { nameErrors, namespaceOf, projectSlugErrors, slugTaken, tenantNotFound } from './names.ts'

/**
 * @returns the new project's id; null for a dry run that would have succeeded
 * @throws GraphQLError FORBIDDEN
 */
export async function createProject(context: Context, input: CreateProjectInput): Promise<Outcome<string | null>> {
  const tenant = await tenantLoader(context).load(input.tenantId)
  if (!tenant) return { ok: false, errors: [tenantNotFound()] }
  if (!may(context.identity, 'project.create', { tenantId: tenant.id })) {
    return deny(context, 'createProject', input, 'create a project in this tenant')
  }
  const now = new Date(context.clock.nowMs())
  const key = input.dryRun ? null : input.idempotencyKey
  const principal = context.identity.subject
  return context.write((tx) =>
    idempotent(tx, { tenantId: tenant.id, principal, mutation: 'createProject', key, input, now }, async () => {
      const errors = [...projectSlugErrors(input.slug), ...nameErrors(input.name)]
      if (errors.length > 0) return { ok: false, errors }
      const taken = [slugTaken('project', input.slug)]
      if (await projectSlugTaken(tx, tenant.id, input.slug)) return { ok: false, errors: taken }
      if (input.dryRun) return { ok: true, result: null }

      const project = newProject(context.ids.next('project'), tenant, input, now)
      if (!(await insertProject(tx, project))) return { ok: false, errors: taken }
      await tell(tx, tenant, project, now)
      await audit(tx, {
        tenantId: tenant.id,
        at: now,
        principal,
        action: 'createProject',
        objectId: project.id,
        decision: 'allowed',
        requestId: context.requestId,
        input,
      })
      return { ok: true, result: project.id }
    }),
  )
}

function newProject(id: string, tenant: TenantRow, input: CreateProjectInput, now: Date): ProjectRow {
  return {
    id,
    tenantId: tenant.id,
    slug: input.slug,
    name: input.name.trim(),
    namespace: namespaceOf(tenant.slug, input.slug),
    createdAt: now.toISOString(),
  }
}

/** The event for subscribers, the fact for other subgraphs, the namespace for every cluster. */
async function tell(tx: Tx, tenant: TenantRow, project: ProjectRow, at: Date): Promise<void> {
  const { id, slug, name, namespace } = project
  await appendEvents(tx, [
    { tenantId: tenant.id, type: 'PROJECT_CREATED', at, subjectId: id, projectId: id, body: { slug, name, namespace } },
  ])
  await publishFact(tx, 'project', tenant.id, {
    id,
    tenantId: tenant.id,
    tenantSlug: tenant.slug,
    slug,
    name,
    namespace,
  })
  await lockClusters(tx, 'shared')
  for (const cluster of await knownFactsOf(tx, 'cluster')) {
    await putDirective(tx, cluster.id, {
      kind: 'Namespace',
      key: namespace,
      tenantId: tenant.id,
      body: { namespace, tenantId: tenant.id, tenantSlug: tenant.slug, projectId: id, projectSlug: slug },
    })
  }
}
