import { Decimal } from 'decimal.js'
import { annotations } from '../../../kubernetes/names.ts'
import type { Pod } from '../../../kubernetes/objects.ts'
import { TENANTS } from '../workload.ts'
import { type MakeCheck, must } from './check.ts'
import { devicesOf, hasEnded } from './devices.ts'

interface Span {
  readonly uuid: string
  readonly pod: string
  readonly thousandths: number
  readonly fromMs: number
  readonly toMs: number
}

/**
 * What the pods say that they held, from their admission to their end, is what the kubelets' account comes to; and
 * of no device more than all of it is charged at any time.
 */
export const checkMetering: MakeCheck = ({ truth, simulated, character }) => {
  const spans = new Map<string, Span[]>()
  const tenants = new Map<string, string>()
  truth.pods.onChange(({ object: pod }) => {
    if (!pod.spec?.nodeName || !hasEnded(pod) || !TENANTS.some((tenant) => tenant === pod.metadata.namespace)) return
    spans.set(pod.metadata.uid ?? '', spansOf(pod))
    tenants.set(pod.metadata.uid ?? '', `tenant_${pod.metadata.namespace}`)
  })
  return {
    atEnd() {
      const charged = new Map<string, Decimal>()
      for (const [uid, held] of spans) {
        const tenant = tenants.get(uid) ?? ''
        for (const { thousandths, fromMs, toMs } of held) {
          const seconds = Math.max(0, (toMs - fromMs) / 1_000)
          charged.set(
            tenant,
            (charged.get(tenant) ?? new Decimal(0)).plus(new Decimal(thousandths).times(seconds).div(1_000)),
          )
        }
      }
      for (const [tenant, seconds] of simulated.account().gpuSecondsByTenant) {
        const told = charged.get(tenant) ?? new Decimal(0)
        must(told.eq(seconds), () => `${tenant} held ${seconds} GPU-seconds, and its pods say ${told}`)
      }
      // With clocks that differ the same second may be told twice, by as much as they differ.
      if (character.skewMs === 0) checkOverlaps([...spans.values()].flat())
    },
  }
}

function spansOf(pod: Pod): Span[] {
  const { metadata, status } = pod
  const fromMs = Date.parse(metadata.annotations?.[annotations.admittedAt] ?? '')
  const ended = status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? status?.startTime ?? ''
  return devicesOf(pod).map(({ uuid, share }) => ({
    uuid,
    pod: metadata.name ?? '',
    thousandths: Math.round(Number(share) * 1_000),
    fromMs,
    toMs: Math.max(fromMs, Date.parse(ended)),
  }))
}

/** A span ends before another begins in the same second. */
function checkOverlaps(spans: readonly Span[]): void {
  const changes = spans.flatMap((span) => [
    { span, atMs: span.fromMs, by: span.thousandths },
    { span, atMs: span.toMs, by: -span.thousandths },
  ])
  changes.sort((a, b) => a.atMs - b.atMs || a.by - b.by)
  const held = new Map<string, number>()
  for (const { span, atMs, by } of changes) {
    if (span.fromMs === span.toMs) continue
    const now = (held.get(span.uuid) ?? 0) + by
    held.set(span.uuid, now)
    must(now <= 1_000, () => {
      const at = spans.filter(({ uuid, fromMs, toMs }) => uuid === span.uuid && fromMs <= atMs && atMs < toMs)
      return `${span.uuid} is charged ${now} ‰ at ${new Date(atMs).toISOString()}: ${at.map(told).join(', ')}`
    })
  }
}

function told({ pod, fromMs, toMs }: Span): string {
  return `${pod} from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`
}
