import type { UserError } from '../../../platform/graph/errors.ts'
import { LIMITS } from './limits.ts'
import { PRIORITY_CLASSES } from './priority.ts'

/** Every refusal of a mutation of jobs. Codes are stable: clients branch on them; the words may improve. */

export function projectNotFound(): UserError {
  return refusal('NOT_FOUND', ['projectId'], 'There is no such project.', 'Take the id of one of your projects.')
}

export function queueNotFound(queue: string, project: string, known: readonly string[]): UserError {
  return refusal(
    'NOT_FOUND',
    ['queue'],
    `Project ${project} sees no queue ${quoted(queue)}.`,
    known.length > 0 ? `Use one of: ${known.join(', ')}.` : 'Have a queue created first.',
  )
}

export function jobNotFound(): UserError {
  return refusal('NOT_FOUND', ['id'], 'There is no such job.', 'Take the id that submitJob returned.')
}

export function notYetKnown(field: string, what: string): UserError {
  return refusal(
    'NOT_YET_KNOWN',
    [field],
    `${what} is not known here yet: the part of the service that owns it is slow to answer.`,
    'Send the same request again in a few seconds.',
  )
}

export function noCluster(): UserError {
  return refusal('NO_CLUSTER', null, 'No cluster with nodes has joined yet.', 'Connect an agent, then submit again.')
}

export function queueClosed(queue: string): UserError {
  return refusal('QUEUE_CLOSED', ['queue'], `Queue ${queue} takes no new jobs.`, 'Use another queue.')
}

export function nameInvalid(name: string): UserError {
  return refusal(
    'NAME_INVALID',
    ['name'],
    `${quoted(name)} is no name for a job in Kubernetes.`,
    `Use 1 to ${LIMITS.nameLength} lower-case letters, digits and '-', with a letter or digit at both ends.`,
  )
}

export function imageInvalid(image: string): UserError {
  return refusal(
    'IMAGE_INVALID',
    ['image'],
    `${quoted(image)} is no reference to a container image.`,
    'Write it as registry/path:tag or registry/path@sha256:digest, without spaces.',
  )
}

export function textInvalid(field: readonly string[]): UserError {
  return refusal(
    'TEXT_INVALID',
    field,
    'The text contains a NUL or half a Unicode character; no process can be given it.',
    'Encode binary data, for instance as base64.',
  )
}

export function envNameInvalid(index: number, name: string): UserError {
  return refusal(
    'ENV_NAME_INVALID',
    ['env', String(index), 'name'],
    `${quoted(name)} is no name of an environment variable.`,
    "Use letters, digits, '_', '-' and '.', not starting with a digit.",
  )
}

export function envNameTwice(index: number, name: string): UserError {
  return refusal('ENV_NAME_TWICE', ['env', String(index), 'name'], `${name} is set twice.`, 'Set it once.')
}

export function labelInvalid(index: number, part: 'name' | 'value', text: string): UserError {
  return refusal(
    'LABEL_INVALID',
    ['labels', String(index), part],
    `${quoted(text)} is no ${part} of a Kubernetes label.`,
    "Use at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends; a name may have a domain and '/' before it.",
  )
}

export function labelReserved(index: number, name: string): UserError {
  return refusal(
    'LABEL_RESERVED',
    ['labels', String(index), 'name'],
    `Label ${name} is written by the platform.`,
    'Use a name without a domain, or with a domain of your own.',
  )
}

export function labelTwice(index: number, name: string): UserError {
  return refusal('LABEL_TWICE', ['labels', String(index), 'name'], `Label ${name} is set twice.`, 'Set it once.')
}

export function tooMany(field: 'env' | 'labels', count: number, max: number): UserError {
  return refusal(
    'TOO_MANY',
    [field],
    `${count} entries in ${field}; at most ${max} are taken.`,
    'Put the rest into a file.',
  )
}

export function specTooLarge(bytes: number): UserError {
  return refusal(
    'SPEC_TOO_LARGE',
    null,
    `Command, env and labels together are ${bytes} bytes; at most ${LIMITS.specBytes} are taken.`,
    'Put scripts and data into the image or a bucket.',
  )
}

export function replicasOutOfRange(replicas: number): UserError {
  return refusal(
    'REPLICAS_OUT_OF_RANGE',
    ['replicas'],
    `A job has 1 to ${LIMITS.replicas} replicas, not ${replicas}.`,
    `Ask for at least 1 and at most ${LIMITS.replicas}.`,
  )
}

export function minCountOutOfRange(minCount: number, replicas: number): UserError {
  return refusal(
    'MIN_COUNT_OUT_OF_RANGE',
    ['minCount'],
    `A job of ${replicas} replicas cannot start with ${minCount} of them.`,
    `Ask for 1 to ${replicas}, or leave it out: then all start together.`,
  )
}

export function maxRuntimeOutOfRange(seconds: number): UserError {
  return refusal(
    'MAX_RUNTIME_OUT_OF_RANGE',
    ['maxRuntimeSeconds'],
    `A job cannot run for at most ${seconds} seconds.`,
    'Ask for at least 1 second, or leave it out where the end is unknown.',
  )
}

export function topologyLevelInvalid(part: 'required' | 'preferred', level: string): UserError {
  return refusal(
    'TOPOLOGY_LEVEL_INVALID',
    ['topology', part],
    `${quoted(level)} is no name of a topology level.`,
    'Use a name that the cluster’s SchedulingPolicy declares, such as zone or rack.',
  )
}

export function priorityClassUnknown(name: string): UserError {
  return refusal(
    'PRIORITY_CLASS_UNKNOWN',
    ['priorityClass'],
    `There is no priority class ${quoted(name)}.`,
    `Use one of: ${PRIORITY_CLASSES.join(', ')}; or leave it out for the class's own.`,
  )
}

export function quantityInvalid(field: 'cpu' | 'memoryMiB', value: string | number): UserError {
  return refusal(
    'QUANTITY_INVALID',
    ['resources', field],
    field === 'cpu'
      ? `cpu is ${quoted(String(value))}; it must be a decimal of cores above 0 with at most ${LIMITS.decimals} decimals.`
      : `memoryMiB is ${value}; it must be above 0.`,
    field === 'cpu' ? 'Write "0.5" or "2".' : 'Ask for at least 1 MiB.',
  )
}

/** @param problem ends the sentence "The GPU request …" */
export function gpuRequestInvalid(
  part: 'count' | 'share' | 'memoryMiB' | null,
  problem: string,
  fix: string,
): UserError {
  return refusal(
    'GPU_REQUEST_INVALID',
    part ? ['resources', 'gpu', part] : ['resources', 'gpu'],
    `The GPU request ${problem}.`,
    fix,
  )
}

export function gpuModelUnknown(asked: readonly string[], known: readonly string[]): UserError {
  return refusal(
    'GPU_MODEL_UNKNOWN',
    ['resources', 'gpu', 'models'],
    `No cluster has a GPU of model ${asked.map(quoted).join(' or ')}.`,
    known.length > 0 ? `Use one or more of: ${known.join(', ')}.` : 'No cluster has GPUs.',
  )
}

/** One quantity is more than any node has. */
export function exceedsLargestNode(field: readonly string[], asked: string, largest: string, fix: string): UserError {
  return refusal('EXCEEDS_LARGEST_NODE', field, `A pod asks for ${asked}; the largest node has ${largest}.`, fix)
}

/** Each quantity exists somewhere, all of them together on no node. */
export function fitsNoNode(flavors: readonly string[]): UserError {
  return refusal(
    'FITS_NO_NODE',
    ['resources'],
    'No node has all that a pod asks for at once.',
    `Ask for no more than one of: ${flavors.join('; ')}.`,
  )
}

export function gangExceedsClusters(replicas: number, largest: number, cluster: string): UserError {
  return refusal(
    'GANG_EXCEEDS_CLUSTERS',
    ['replicas'],
    `No cluster could ever hold ${replicas} such pods at once; the largest gang that could run is ${largest}, on ${cluster}.`,
    `Ask for at most ${largest} replicas, or for less per pod.`,
  )
}

export function exceedsQueueLimit(gpus: string, queue: string, maxGpus: string): UserError {
  return refusal(
    'EXCEEDS_QUEUE_LIMIT',
    ['queue'],
    `The job needs ${gpus} GPUs; queue ${queue} can never hold more than ${maxGpus}.`,
    `Ask for at most ${maxGpus} GPUs in all, or have the queue's quota or borrowing limit raised.`,
  )
}

export function alreadyFinished(phase: string, finishedAt: string | null): UserError {
  return refusal(
    'ALREADY_FINISHED',
    ['id'],
    `The job is ${phase}${finishedAt ? ` since ${finishedAt}` : ''}: there is nothing to cancel.`,
    'Nothing needs to be done.',
  )
}

function refusal(code: string, field: readonly string[] | null, message: string, fix: string): UserError {
  return { code, field: field && [...field], message, fix }
}

/** What a caller sent, as a quotation of bounded length. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
