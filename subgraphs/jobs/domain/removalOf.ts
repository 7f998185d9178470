import assert from 'node:assert/strict'
import type { Directive } from '../../../platform/link/protocol.ts'
import type { JobRecord } from './job.ts'

/**
 * The directive by which a job's object goes: what the API created is known to the agent by the job's id, what
 * came by kubectl by its name and uid alone.
 */
export function removalOf({
  adopted,
  namespace,
  objectName,
  uid,
}: JobRecord): Pick<Extract<Directive, { kind: 'Job' | 'JobRemoval' }>, 'kind' | 'body'> {
  if (!adopted) return { kind: 'Job', body: null }
  assert(uid !== null, 'a Job that came by kubectl is known because it was seen')
  return { kind: 'JobRemoval', body: { namespace, name: objectName, uid } }
}
