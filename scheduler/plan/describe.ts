import type { Gang } from '../model/gang.ts'
import { WHOLE_DEVICE } from '../model/node.ts'
import { othersInWords } from '../model/others.ts'
import type { PendingReason } from '../model/pending.ts'
import { ANY_FLAVOR } from '../model/queue.ts'
import type { Cause, FlavorFigures, InsufficientCause, TopologyCause } from './causes.ts'
import type { Shortage } from './quotas.ts'

/** The cause in words a user understands, with the figures, and what would help. */
export function describeCause(cause: Cause): PendingReason {
  if ('reason' in cause) return cause.reason
  const { message, fix } = wordsFor(cause)
  return { code: cause.code, message, fix }
}

type Words = Pick<PendingReason, 'message' | 'fix'>

function wordsFor(cause: Exclude<Cause, { reason: PendingReason }>): Words {
  switch (cause.code) {
    case 'WaitingForBackoff':
      return {
        message: `Its pods did not all come up; it is tried again at ${instant(cause.untilMs)}.`,
        fix: 'Nothing needs doing; the event of the eviction says what went wrong.',
      }
    case 'QueueNotFound':
      return {
        message: cause.isDefault
          ? 'It names no queue, and there is no queue "default".'
          : `There is no queue "${cause.queue}" that this tenant may use.`,
        fix: `Create the queue "${cause.queue}", or name an existing one in the label sluice.dev/queue.`,
      }
    case 'QueueMisconfigured':
      return {
        message: `Its place in the queue tree cannot be used: ${cause.problem}.`,
        fix: 'Have the parent of that queue set to an existing queue that is not below it.',
      }
    case 'QueueHeld':
      return {
        message:
          cause.by === cause.queue
            ? `Queue ${cause.queue} is stopped: nothing is admitted from it.`
            : `Queue ${cause.by}, above ${cause.queue}, is stopped: nothing below it is admitted.`,
        fix: `It is tried again once the stopPolicy of queue ${cause.by} is None; another queue may admit it now.`,
      }
    case 'WaitingForTurn':
      return {
        message: `Queue ${cause.queue} is StrictFIFO, and a job before this one finds no room yet.`,
        fix: 'It is tried once those before it have started; in a queue that is BestEffortFIFO it would be tried now.',
      }
    case 'WaitingForPreemptedWorkloads':
      return {
        message:
          cause.jobs === 1
            ? 'A job has been stopped for it, and has not ended yet.'
            : `${cause.jobs} jobs have been stopped for it, and have not ended yet.`,
        fix: 'Nothing needs doing: it starts once they have ended.',
      }
    case 'WaitingForReservation':
      return {
        message:
          cause.startsAtMs === null
            ? 'Places are kept for it; those in its way have not said when they end.'
            : `Places are kept for it: it starts by ${instant(cause.startsAtMs)}, when those in its way have ended.`,
        fix: 'Nothing needs doing. Fewer or smaller pods may start sooner.',
      }
    case 'ReservedForAnother':
      return {
        message:
          cause.startsAtMs === null
            ? 'There is room, but it is kept for a job that has waited too long.'
            : `There is room, but it is kept for a job before it, which starts by ${instant(cause.startsAtMs)}.`,
        fix:
          cause.startsAtMs === null
            ? 'With a maxRuntimeSeconds (activeDeadlineSeconds of the Job) it would start now.'
            : 'With a maxRuntimeSeconds (activeDeadlineSeconds of the Job) that ends before then it would start now.',
      }
    case 'NoMatchingFlavor':
      return noMatchingFlavor(cause.gang, cause.models)
    case 'GangLargerThanCluster':
      return largerThanCluster(cause.gang, cause.pools)
    case 'ExceedsMaxQuota':
      return {
        message: `${needs(cause.gang)} ${amount(cause.shortage, 'asked')}; queue ${cause.queue} can never have more than ${amount(cause.shortage, 'available')}.`,
        fix: `Ask for at most ${amount(cause.shortage, 'available')}, or have the queue's nominalQuota or borrowingLimit raised.`,
      }
    case 'WaitingForQuota':
      return {
        message: `${needs(cause.gang)} ${amount(cause.shortage, 'asked')}; queue ${cause.queue} may take ${amount(cause.shortage, 'available')} more now.`,
        fix: `It starts when jobs under the same quota end; ${amount(difference(cause.shortage), 'asked')} more of quota would admit it now.`,
      }
    case 'UnknownTopologyLevel':
      return unknownLevel(cause.level, cause.known)
    case 'ShareNotEnforced':
      return {
        message: `It needs ${podText(cause.gang.pod)}, and no node that would do keeps shares to their size by ${cause.required.join(' or ')}, as this cluster demands.`,
        fix: 'Ask for a whole GPU, or have nodes set up for that and labelled sluice.dev/share-enforcement.',
      }
    case 'PodRulesFailed':
      return {
        message: `It needs ${podsText(cause.gang)} of ${podText(cause.gang.pod)}; there is room, but not where its podAntiAffinity or topologySpreadConstraints, or the anti-affinity of pods that run, let them be.`,
        fix: 'It starts when those pods end; fewer pods, more domains of that topologyKey, or a larger maxSkew may let it start now.',
      }
    case 'TopologyPlacementFailed':
      return topologyFailed(cause)
    case 'InsufficientGpus':
      return insufficientGpus(cause.gang, figuresIn(cause))
    case 'InsufficientCapacity':
      return insufficientCapacity(cause.gang, figuresIn(cause))
    case 'AssignmentTooLarge':
      return {
        message: `The places of its ${cause.slots} pods do not fit on one Job object.`,
        fix: 'Use fewer, larger pods, or split it into several jobs.',
      }
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}

function figuresIn({ flavors, figures }: InsufficientCause): FlavorFigures[] {
  return flavors.flatMap(({ rows }) => figures.get(rows.name) ?? [])
}

function noMatchingFlavor({ pod }: Gang, models: readonly string[]): Words {
  const wanted = pod.gpu?.models ?? []
  if (wanted.length > 0 && !wanted.some((model) => models.includes(model))) {
    return {
      message: `No node has a GPU of model ${wanted.join(' or ')}.`,
      fix: models.length > 0 ? `Models there are: ${models.join(', ')}.` : 'No node has any GPU.',
    }
  }
  if (pod.gpu !== null && pod.tolerations.length === 0 && pod.affinity === undefined) {
    return {
      message: `No node pool takes pods that ask ${podText(pod)} and tolerate no taint.`,
      fix: 'Add the toleration { key: sluice.dev/gpu, operator: Exists }, which nodes with GPUs ask for, or loosen the node selector.',
    }
  }
  return {
    message: `No node pool takes pods that ask ${podText(pod)} with this node selector${pod.affinity === undefined ? '' : ', this node affinity'} and these tolerations.`,
    fix: `${pod.gpu === null ? 'L' : 'Ask for less GPU memory, or l'}oosen the node selector, or tolerate the taints of more nodes.`,
  }
}

function largerThanCluster(gang: Gang, pools: readonly { flavor: string; slots: number }[]): Words {
  const largest = pools.reduce((a, b) => (b.slots > a.slots ? b : a))
  const held =
    largest.slots === 0
      ? `no node is large enough for a pod that asks ${podText(gang.pod)}, even when empty`
      : `the largest pool that fits, ${largest.flavor}, holds ${largest.slots} when empty`
  return {
    message: `It needs ${podsText(gang)} of ${podText(gang.pod)} at once; ${held}.`,
    fix: largest.slots === 0 ? 'Ask for smaller pods.' : `${askForAtMost(gang, largest.slots)}.`,
  }
}

function unknownLevel(level: string, known: readonly string[]): Words {
  if (known.length === 0) {
    return {
      message: `It asks for topology level "${level}", and this cluster has declared none.`,
      fix: 'Leave the level out, or have levels declared in spec.topology of the cluster’s SchedulingPolicy.',
    }
  }
  return {
    message: `There is no topology level "${level}" in this cluster.`,
    fix: `Ask for one of these, from the outermost on: ${known.join(', ')}.`,
  }
}

function topologyFailed({ gang, largest, isWhenEmpty }: TopologyCause): Words {
  const level = gang.topology?.required ?? ''
  const asked = `It needs ${podsText(gang)} of ${podText(gang.pod)} within one ${level}`
  if (largest === null) {
    return {
      message: `${asked}; no node that would do has the labels of one.`,
      fix: `Ask for the level as preferred, or have the nodes labelled with what spec.topology of the SchedulingPolicy names.`,
    }
  }
  const where = `${largest.domain.join('/')} of ${largest.flavor}`
  if (isWhenEmpty) {
    return {
      message: `${asked}; the largest that would do, ${where}, holds ${largest.slots} when empty.`,
      fix: `${askForAtMost(gang, largest.slots)}, for a level further out, or for ${level} as preferred.`,
    }
  }
  return {
    message: `${asked}; there is room for them all, but the one with most of it, ${where}, holds ${largest.slots} now.`,
    fix:
      largest.slots === 0
        ? `It starts when running jobs leave room in one ${level}; asked as preferred it would start now.`
        : `It starts when running jobs leave room in one ${level}; asked as preferred, or with at most ${largest.slots} pods, it would start now.`,
  }
}

function insufficientGpus(gang: Gang, flavors: readonly FlavorFigures[]): Words {
  const { pod } = gang
  const isShare = pod.gpu !== null && pod.gpu.thousandths < WHOLE_DEVICE
  const free = flavors.map((flavor) => {
    const most = isShare
      ? `at most ${decimal(flavor.largestShareThousandths)} on one GPU`
      : `at most ${flavor.nodesByFreeGpus.length - 1} whole on one node`
    return `${flavor.flavor} has ${decimal(flavor.freeThousandths)} of ${flavor.gpus} free, ${flavor.freeThousandths > 0 ? most : 'none left'}`
  })
  const largestHole = Math.max(0, ...flavors.map((flavor) => flavor.nodesByFreeGpus.length - 1))
  const canShrink = !isShare && largestHole > 0 && largestHole < (pod.gpu?.count ?? 0)
  return {
    message: `It needs ${podsText(gang)} of ${podText(pod)}; ${free.join('; ')}.`,
    fix: canShrink
      ? `It starts when running jobs leave room; pods of at most ${largestHole} ${largestHole === 1 ? 'GPU' : 'GPUs'} would find some now.`
      : 'It starts when running jobs leave room; fewer or smaller pods, or more models, would start sooner.',
  }
}

function insufficientCapacity(gang: Gang, flavors: readonly FlavorFigures[]): Words {
  const cpu = Math.max(0, ...flavors.map((flavor) => flavor.largestFreeCpuMilli))
  const memory = Math.max(0, ...flavors.map((flavor) => flavor.largestFreeMemoryMiB))
  return {
    message: `It needs ${podsText(gang)} of ${podText(gang.pod)} on nodes that have all of it; at most ${decimal(cpu)} CPUs and ${memory} MiB are free on one node.`,
    fix: 'It starts when running jobs leave room; less CPU or memory a pod would start sooner.',
  }
}

/** Of an elastic gang the fewest, which would admit it. */
function podsText({ slots, most }: Gang): string {
  return most === undefined ? `${slots} ${slots === 1 ? 'pod' : 'pods'}` : `at least ${slots} of its ${most} pods`
}

function needs(gang: Gang): string {
  return gang.most === undefined ? 'It needs' : `With ${podsText(gang)} it needs`
}

function askForAtMost({ most }: Gang, slots: number): string {
  return most === undefined ? `Ask for at most ${slots} such pods` : `Let it start with ${slots} such pods (minCount)`
}

function podText(pod: Gang['pod']): string {
  const others = othersInWords(pod.others)
  const sizes = [`${decimal(pod.cpuMilli)} CPUs`, `${pod.memoryMiB} MiB`, ...others]
  const rest = `${sizes.slice(0, -1).join(', ')} and ${sizes.at(-1)}`
  if (pod.gpu === null) return rest
  const gpus = decimal(pod.gpu.count * pod.gpu.thousandths)
  return `${gpus} ${gpus === '1' ? 'GPU' : 'GPUs'}, ${rest}`
}

function amount({ flavor, resource, ...figures }: Shortage, which: 'asked' | 'available'): string {
  const value = figures[which]
  const unit = { GPU: 'GPUs', CPU: 'CPUs', MEMORY: 'MiB' }[resource]
  const where = flavor === ANY_FLAVOR ? '' : ` of ${flavor}`
  return `${resource === 'MEMORY' ? value : decimal(value)} ${unit}${where}`
}

function difference(shortage: Shortage): Shortage {
  return { ...shortage, asked: shortage.asked - shortage.available }
}

/** Thousandths as a plain decimal. */
function decimal(thousandths: number): string {
  return String(thousandths / 1000)
}
