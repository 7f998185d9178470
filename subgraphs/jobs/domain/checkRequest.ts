import type { UserError } from '../../../platform/graph/errors.ts'
import { checkResources } from './checkResources.ts'
import * as errors from './errors.ts'
import type { JobRequest } from './jobRequest.ts'
import { isDnsLabel, isEnvName, isLabelKey, isLabelValue, isReservedLabelKey } from './kubernetesNames.ts'
import { LIMITS } from './limits.ts'
import { PRIORITY_CLASSES } from './priority.ts'

/** Everything that is wrong with a request whatever queues and clusters there are. */
export function checkRequest(request: JobRequest): UserError[] {
  return [
    ...checkNames(request),
    ...checkCommand(request.command),
    ...checkEnv(request.env),
    ...checkLabels(request.labels),
    ...checkSize(request),
    ...checkRunning(request),
    ...checkTopology(request),
    ...checkResources(request.resources),
  ]
}

/** host[:port]/path[:tag][@digest]; what a registry makes of it is seen when it is pulled. */
const IMAGE =
  /^[a-zA-Z0-9][-a-zA-Z0-9._]*(:\d{1,5}\/)?[-a-zA-Z0-9._/]*(:[\w][-.\w]{0,127})?(@[a-z0-9]+:[a-fA-F0-9]{32,})?$/

function checkNames({ name, image }: JobRequest): UserError[] {
  return [
    ...(isDnsLabel(name, LIMITS.nameLength) ? [] : [errors.nameInvalid(name)]),
    ...(image.length <= LIMITS.imageLength && IMAGE.test(image) ? [] : [errors.imageInvalid(image)]),
  ]
}

function checkCommand(command: JobRequest['command']): UserError[] {
  return (command ?? []).flatMap((word, index) =>
    isPassable(word) ? [] : [errors.textInvalid(['command', String(index)])],
  )
}

function checkEnv(env: JobRequest['env']): UserError[] {
  if (env.length > LIMITS.envVars) return [errors.tooMany('env', env.length, LIMITS.envVars)]
  const seen = new Set<string>()
  return env.flatMap(({ name, value }, index) => {
    if (!isEnvName(name)) return [errors.envNameInvalid(index, name)]
    // Server-side apply merges env by name and refuses a list that has one twice.
    if (seen.has(name)) return [errors.envNameTwice(index, name)]
    seen.add(name)
    return isPassable(value) ? [] : [errors.textInvalid(['env', String(index), 'value'])]
  })
}

function checkLabels(labels: JobRequest['labels']): UserError[] {
  if (labels.length > LIMITS.labels) return [errors.tooMany('labels', labels.length, LIMITS.labels)]
  const seen = new Set<string>()
  return labels.flatMap(({ name, value }, index) => {
    if (!isLabelKey(name)) return [errors.labelInvalid(index, 'name', name)]
    if (isReservedLabelKey(name)) return [errors.labelReserved(index, name)]
    if (seen.has(name)) return [errors.labelTwice(index, name)]
    seen.add(name)
    return isLabelValue(value) ? [] : [errors.labelInvalid(index, 'value', value)]
  })
}

function checkSize({ command, env, labels }: JobRequest): UserError[] {
  const bytes = Buffer.byteLength(JSON.stringify({ command, env, labels }))
  return bytes > LIMITS.specBytes ? [errors.specTooLarge(bytes)] : []
}

function checkRunning({ replicas, minCount, maxRuntimeSeconds, priorityClass }: JobRequest): UserError[] {
  return [
    ...(replicas < 1 || replicas > LIMITS.replicas ? [errors.replicasOutOfRange(replicas)] : []),
    ...(minCount !== null && (minCount < 1 || minCount > replicas)
      ? [errors.minCountOutOfRange(minCount, replicas)]
      : []),
    ...(maxRuntimeSeconds !== null && maxRuntimeSeconds < 1 ? [errors.maxRuntimeOutOfRange(maxRuntimeSeconds)] : []),
    ...(priorityClass !== null && !PRIORITY_CLASSES.includes(priorityClass)
      ? [errors.priorityClassUnknown(priorityClass)]
      : []),
  ]
}

/** Which levels there are is the cluster's to say; a job that asks for another waits with a reason that lists them. */
function checkTopology({ topology }: JobRequest): UserError[] {
  return (['required', 'preferred'] as const).flatMap((part) => {
    const level = topology?.[part] ?? null
    return level === null || isDnsLabel(level, LIMITS.topologyLevelLength)
      ? []
      : [errors.topologyLevelInvalid(part, level)]
  })
}

/** Neither a process' arguments and environment nor our database can hold a NUL or half a surrogate pair. */
function isPassable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
