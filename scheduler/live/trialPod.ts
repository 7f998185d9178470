import { hash } from 'node:crypto'
import { type Cluster, ClusterError } from '../../kubernetes/cluster.ts'
import { labels } from '../../kubernetes/names.ts'
import type { Job, Pod } from '../../kubernetes/objects.ts'
import { type PodTemplate, readPodRequest } from './podSpec.ts'
import type { TemplateAnswer } from './templateBook.ts'

/** Labels of a template that say no more than whose it is: the API server's own and ours. */
const NAMES_ITS_JOB: ReadonlySet<string> = new Set([
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
  labels.job,
])

/** Equal for Jobs of one namespace whose templates differ in nothing but the names of their Jobs. */
export function templateKeyOf({ metadata, spec }: Job): string {
  const { metadata: told = {}, ...rest } = spec?.template ?? {}
  const shared = Object.entries(told.labels ?? {}).filter(([name]) => !NAMES_ITS_JOB.has(name))
  const text = JSON.stringify([metadata.namespace, shared, told.annotations, rest])
  return hash('sha256', text, 'base64url')
}

/** A pod as the Job controller would make it. */
export function trialPodOf({ metadata, spec }: Job): Pod {
  const { metadata: told = {}, spec: podSpec } = spec?.template ?? {}
  const { namespace = '', name = '', uid = '' } = metadata
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: `${name}-trial`,
      ...(told.labels && { labels: told.labels }),
      ...(told.annotations && { annotations: told.annotations }),
      ownerReferences: [owner],
    },
    ...(podSpec && { spec: podSpec }),
  }
}

interface Trial {
  answer: TemplateAnswer
  /** The same trial may soon come to something else. */
  isPassing: boolean
}

/**
 * Has the API server go through all of a pod's creation, and keep nothing. What comes back is what the
 * template's pods will ask for. A trial that could not be made says nothing about the template, so what the
 * template itself says counts until the next one.
 */
export async function tryTemplate(cluster: Cluster, job: Job): Promise<Trial> {
  try {
    const { metadata, spec } = await cluster.create('Pod', trialPodOf(job), { dryRun: true })
    const { annotations } = metadata
    const tried = { ...(annotations && { metadata: { annotations } }), ...(spec && { spec }) }
    return { answer: readPodRequest(tried, 'spec.template'), isPassing: false }
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    return { answer: isRefusal(error) ? refused(error) : untried(job, error), isPassing: true }
  }
}

/**
 * Whether the pod itself was refused. A quota that is in use is not its fault, and neither is a trial that
 * we may not make, nor one that a webhook cannot take part in (BAD_REQUEST).
 */
function isRefusal({ code, message }: ClusterError): boolean {
  if (code === 'INVALID') return true
  return code === 'FORBIDDEN' && !message.includes('exceeded quota') && !message.includes('cannot create resource')
}

function refused({ message }: ClusterError): TemplateAnswer {
  return {
    code: 'Misconfigured',
    message: `Kubernetes would refuse its pods: ${message}`,
    fix: 'Change the template, or what the namespace allows: its LimitRange, quota, service accounts or admission policies.',
  }
}

function untried({ spec }: Job, { message }: ClusterError): TemplateAnswer {
  if (spec?.template.spec?.runtimeClassName === undefined)
    return readPodRequest((spec?.template ?? {}) as PodTemplate, 'spec.template')
  return {
    code: 'Misconfigured',
    message: `What its runtime class adds to its pods is not known: trying one failed (${message}).`,
    fix: 'It is tried again by itself. If it stays so, apply the agent’s manifests, which let it try pods.',
  }
}
