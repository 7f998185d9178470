import { annotations, DEFAULT_CLASS, DEFAULT_QUEUE, labels, PRIORITY_OF_CLASS } from '../../kubernetes/names.ts'
import type { Job } from '../../kubernetes/objects.ts'
import { madeAtMs } from '../../platform/ids.ts'
import { type Assignment, decodeAssignment } from '../model/assignment.ts'
import { type Gang, gangOf, type PodRequest } from '../model/gang.ts'
import type { Nomination } from '../model/job.ts'
import type { PendingReason } from '../model/pending.ts'
import type { TopologyRequest } from '../model/topology.ts'
import { type Elastic, elasticOf } from './elastic.ts'
import { invalid, type PodTemplate, readPodRequest, unsupportedReason } from './podSpec.ts'
import { RuleKeys } from './ruleKeys.ts'
import type { TemplateAnswer } from './templateBook.ts'
import { templateKeyOf } from './trialPod.ts'
import { type ClaimState, VolumeBook } from './volumeBook.ts'

/** What a Job says to the scheduler. */
export interface ReadJob {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly generation: number
  readonly queue: string
  readonly priority: number
  /** Whether it may be stopped to make room. */
  readonly preemptible: boolean
  /** The longest it will run; null: it has declared no end. */
  readonly maxRuntimeMs: number | null
  readonly graceMs: number
  /** Whether others may be stopped for it. */
  readonly mayPreempt: boolean
  /** Null: nobody has been stopped for it. */
  readonly nomination: (Nomination & { readonly text: string }) | null
  /** Its turn among jobs of one priority. */
  readonly createdMs: number
  /** As the label claims; empty: it came by kubectl. */
  readonly jobId: string
  /** As its template and the trial of it say; what its pods' claims come to is not in it. */
  readonly asked: Gang | PendingReason
  readonly demand: Gang | PendingReason
  /** Names of the PersistentVolumeClaims that its pods use. */
  readonly volumeClaims: readonly string[]
  /** How many labels rules about pods asked about when `demand` was read, whether it is of a class that is spread, and where its volumes can be used. */
  readonly readWith: string
  /** Equal for jobs whose pods ask for the same. */
  readonly templateKey: string
  /** Whether `demand` depends on what a pod of its template, tried, asks for. */
  readonly isTriable: boolean
  /** What such a pod did ask for; null: none has been tried yet, and `demand` is as the template itself says. */
  readonly answer: TemplateAnswer | null
  readonly isSuspended: boolean
  /** No pod of it will be made any more. */
  readonly isOver: boolean
  /** Slots that its spec has pods for; an elastic job may have asked for more. */
  readonly count: number
  /** Each pod belongs to the slot of its completion index. */
  readonly slotIsIndex: boolean
  /** Pods that must still succeed, beyond those that have; null where any success ends it. */
  readonly remaining: number | null
  /** Completion indexes that have succeeded, as the Job controller writes them: "0,3-5". */
  readonly completedIndexes: string
  /** Whether a pod of it has ended before, so that a slot may have had one. */
  readonly hasEndedPods: boolean
  /** Written at its last admission; null where there is none that can be read. */
  readonly admission: ReadAdmission | null
  readonly requeue: { readonly attempt: number; readonly notBeforeMs: number } | null
  /** Code of the reason that stands on it. */
  readonly pendingCode: string | null
}

export interface ReadAdmission {
  readonly assignment: Assignment
  /** As it stands on the Job. */
  readonly text: string
  readonly admittedAtMs: number
  /** Of an elastic job what it was given since, oldest first: its first new slot, and when. Absent: nothing. */
  readonly grown?: readonly Grown[]
  readonly epoch: number
}

export interface Grown {
  readonly from: number
  readonly atMs: number
}

/**
 * @param before what an earlier version of the same Job said: what depends on the spec is kept where that has
 *   not changed, and so are parts that cost time to read
 * @param newAnswer of a pod of its template that was tried meanwhile
 */
export function readJob(
  job: Job,
  before: ReadJob | null,
  newAnswer: TemplateAnswer | null = null,
  around: Around = nothingAround(),
): ReadJob {
  const { metadata, spec, status } = job
  const told = metadata.annotations ?? {}
  const completions = spec?.completions ?? null
  const parallelism = spec?.parallelism ?? 1
  const succeeded = status?.succeeded ?? 0
  const conditions = status?.conditions ?? []
  return {
    uid: metadata.uid ?? '',
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    generation: metadata.generation ?? 0,
    queue: metadata.labels?.[labels.queue] ?? DEFAULT_QUEUE,
    priority: priorityOf(job),
    preemptible: told[annotations.preemptible] !== 'false',
    maxRuntimeMs: spec?.activeDeadlineSeconds === undefined ? null : spec.activeDeadlineSeconds * 1_000,
    graceMs: (spec?.template.spec?.terminationGracePeriodSeconds ?? 30) * 1_000,
    mayPreempt: spec?.template.spec?.preemptionPolicy !== 'Never',
    nomination: readNomination(told[annotations.nomination], before),
    createdMs: createdMsOf(job),
    jobId: metadata.labels?.[labels.job] ?? '',
    ...readSpec(job, before, newAnswer, around),
    isSuspended: spec?.suspend === true,
    isOver:
      metadata.deletionTimestamp !== undefined ||
      conditions.some(({ type, status }) => status === 'True' && ENDING_CONDITIONS.has(type)),
    count: slotsOf(job),
    slotIsIndex: spec?.completionMode === 'Indexed' && completions === parallelism,
    remaining: completions === null ? (succeeded > 0 ? 0 : null) : Math.max(0, completions - succeeded),
    completedIndexes: status?.completedIndexes ?? '',
    hasEndedPods: succeeded + (status?.failed ?? 0) > 0,
    admission: readAdmission(told, before),
    requeue: readRequeue(told[annotations.requeue]),
    pendingCode: readCode(told[annotations.pending]),
  }
}

/** Completed or failed, or about to: from then on the controller makes no more pods. */
const ENDING_CONDITIONS: ReadonlySet<string> = new Set(['Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget'])

type ReadSpec = Pick<ReadJob, 'templateKey' | 'isTriable' | 'answer' | 'asked' | 'demand' | 'readWith' | 'volumeClaims'>

/** What beside the Job decides what it asks. */
export interface Around {
  readonly ruleKeys: RuleKeys
  readonly volumes: VolumeBook
}

function nothingAround(): Around {
  return { ruleKeys: new RuleKeys(), volumes: new VolumeBook() }
}

function readSpec(
  job: Job,
  before: ReadJob | null,
  newAnswer: TemplateAnswer | null,
  { ruleKeys, volumes }: Around,
): ReadSpec {
  const isSpread = job.metadata.annotations?.[annotations.class] === 'INFERENCE'
  const volumeClaims = volumeClaimsOf(job)
  // Of a job that has its places they are looked at again where its pods are bound, and no longer once they are.
  const isAsking = volumeClaims.length > 0 && job.spec?.suspend === true
  const states = !isAsking ? [] : volumes.statesOf(job.metadata.namespace ?? '', volumeClaims, slotsOf(job))
  const told = job.metadata.annotations ?? {}
  const size = `${told[annotations.minCount] ?? ''}-${told[annotations.count] ?? ''}`
  const readWith = `${ruleKeys.size} ${isSpread} ${size} ${isAsking ? JSON.stringify(states) : ''}`
  const isAsBefore = before?.generation === job.metadata.generation && before?.readWith === readWith
  if (before !== null && isAsBefore && newAnswer === null) {
    const { templateKey, isTriable, answer, asked, demand } = before
    return { templateKey, isTriable, answer, asked, demand, readWith, volumeClaims }
  }
  const templateKey = templateKeyOf(job)
  const answer = newAnswer ?? (before?.templateKey === templateKey ? before.answer : null)
  const elastic = elasticOf(job)
  const own =
    contradictionOf(job, elastic) ?? readPodRequest((job.spec?.template ?? {}) as PodTemplate, 'spec.template')
  const isTriable = !('code' in own)
  const pod = isTriable ? (answer ?? own) : own
  const rules = ruleKeys.rulesOf(job)
  const asked = gangAsked()
  return { templateKey, isTriable, answer, asked, demand: asked, readWith, volumeClaims }

  function gangAsked(): Gang | PendingReason {
    if ('code' in pod) return pod
    if (rules !== undefined && 'code' in rules) return rules
    if ('code' in states) return states
    const placed = withVolumes(pod, states)
    const ruled = rules === undefined ? placed : { ...placed, rules }
    if (elastic === null || 'code' in elastic) return gangOf(slotsOf(job), ruled, topologyOf(job), isSpread)
    return gangOf(elastic.least, ruled, topologyOf(job), isSpread, elastic.wished)
  }
}

/** The pod, on nodes where all its volumes can be used. */
function withVolumes(pod: PodRequest, states: readonly ClaimState[]): PodRequest {
  const terms = states.flatMap(({ nodes }) => (nodes === null ? [] : [nodes]))
  if (terms.length === 0) return pod
  const { required, preferred } = pod.affinity ?? { required: [], preferred: [] }
  return { ...pod, affinity: { required: [...required, ...terms], preferred } }
}

function volumeClaimsOf({ spec }: Job): string[] {
  const volumes = spec?.template.spec?.volumes ?? []
  return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])
}

function contradictionOf({ spec }: Job, elastic: Elastic | PendingReason | null): PendingReason | null {
  if ((spec?.parallelism ?? 1) < 1 || spec?.completions === 0)
    return invalid('It asks for no pods.', 'Set spec.parallelism to at least 1.')
  if (elastic !== null && 'code' in elastic) return elastic
  const isManagedElsewhere = spec?.managedBy !== undefined && spec.managedBy !== 'kubernetes.io/job-controller'
  return isManagedElsewhere ? unsupportedReason('spec.managedBy') : null
}

/** Of the template, as what pods ask for is: a Job's own annotations may change without a new generation. */
function topologyOf({ spec }: Job): TopologyRequest | undefined {
  const told = spec?.template.metadata?.annotations ?? {}
  const required = told[annotations.topologyRequired] || null
  const preferred = told[annotations.topologyPreferred] || null
  return required === null && preferred === null ? undefined : { required, preferred }
}

function slotsOf({ spec }: Job): number {
  const parallelism = spec?.parallelism ?? 1
  return Math.min(parallelism, spec?.completions ?? parallelism)
}

/**
 * Kubernetes tells whole seconds; within one, jobs of the API take their turn by their ids. The label is a
 * claim, so it never reaches beyond that second.
 */
function createdMsOf({ metadata }: Job): number {
  const createdMs = Date.parse(metadata.creationTimestamp ?? '') || 0
  const madeMs = madeAtMs(metadata.labels?.[labels.job] ?? '')
  return madeMs !== null && madeMs >= createdMs && madeMs < createdMs + 1_000 ? madeMs : createdMs
}

/** A class the platform installs has its value; whoever names another, or none, gets that of the job's class. */
function priorityOf({ metadata, spec }: Job): number {
  const named = spec?.template.spec?.priorityClassName ?? ''
  const known = named.startsWith('sluice-') ? named.slice('sluice-'.length).toUpperCase() : ''
  const jobClass = metadata.annotations?.[annotations.class] ?? ''
  // Own keys alone: a tenant may write any word, also one that every object knows.
  const values = new Map<string, number>(Object.entries(PRIORITY_OF_CLASS))
  return values.get(known) ?? values.get(jobClass) ?? PRIORITY_OF_CLASS[DEFAULT_CLASS]
}

function readAdmission(told: Record<string, string>, before: ReadJob | null): ReadAdmission | null {
  const text = told[annotations.assignment]
  const admittedAtMs = Date.parse(told[annotations.admittedAt] ?? '')
  const epoch = Number(told[annotations.epoch])
  if (text === undefined || Number.isNaN(admittedAtMs) || !Number.isSafeInteger(epoch)) return null
  const known = before?.admission
  if (known && known.admittedAtMs === admittedAtMs && known.epoch === epoch && known.text === text) return known
  const assignment = decodeAssignment(text)
  const grown = readGrown(told[annotations.grown])
  return assignment && { assignment, admittedAtMs, epoch, text, ...(grown.length > 0 && { grown }) }
}

function readGrown(text: string | undefined): Grown[] {
  const { steps } = parseObject(text)
  if (!Array.isArray(steps)) return []
  return steps.flatMap((step: unknown) => {
    const { from, at } = (step ?? {}) as Record<string, unknown>
    const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN
    return typeof from === 'number' && !Number.isNaN(atMs) ? [{ from, atMs }] : []
  })
}

function readRequeue(text: string | undefined): ReadJob['requeue'] {
  const { attempt, notBefore } = parseObject(text)
  const notBeforeMs = typeof notBefore === 'string' ? Date.parse(notBefore) : Number.NaN
  if (typeof attempt !== 'number' || Number.isNaN(notBeforeMs)) return null
  return { attempt, notBeforeMs }
}

/** The same object as before where it says the same. */
function readNomination(text: string | undefined, before: ReadJob | null): ReadJob['nomination'] {
  if (text === undefined) return null
  if (before?.nomination?.text === text) return before.nomination
  const { victims, assignment } = parseObject(text)
  const read = typeof assignment === 'string' ? decodeAssignment(assignment) : null
  return Array.isArray(victims) && read !== null ? { victims: victims.map(String), assignment: read, text } : null
}

function readCode(text: string | undefined): string | null {
  const { code } = parseObject(text)
  return typeof code === 'string' ? code : null
}

/** What stands in an annotation, which a tenant may have written; anything but an object reads as an empty one. */
function parseObject(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
