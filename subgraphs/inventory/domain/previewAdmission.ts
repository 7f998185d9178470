import type { UserError } from '../../../platform/graph/errors.ts'
import { gpuThousandths } from '../../../scheduler/model/gang.ts'
import { isGang, type PendingJob } from '../../../scheduler/model/job.ts'
import type { Preview } from '../../../scheduler/whatif/questions.ts'
import type { Context } from '../context.ts'
import type { AdmissionPreviewInput } from '../generated/resolvers.ts'
import { askedJob } from './askedJob.ts'
import { noClusterTold } from './whatIfErrors.ts'

export interface AskedPreview extends Preview {
  readonly asOf: Date
  readonly clusterId: string
  readonly job: PendingJob
}
export type Previewed = { ok: true; preview: AskedPreview } | { ok: false; errors: UserError[] }

const UID = 'preview'
/** Each of them is asked. */
const MAX_CLUSTERS = 8

/** Asks the clusters' plans, and tells what the one says to which the job would be sent: where most such pods fit. */
export async function previewAdmission(context: Context, input: AdmissionPreviewInput): Promise<Previewed> {
  const asked = await askedJob(context, input, UID, 'job.read')
  if (!asked.ok) return asked
  const { job } = asked
  let best: AskedPreview | null = null
  for (const { id } of (await context.whatIf.clusters()).slice(0, MAX_CLUSTERS)) {
    const told = await context.whatIf.ask(id, { kind: 'preview', job })
    if (told !== null && (best === null || told.preview.podsWhenEmpty > best.podsWhenEmpty))
      best = { ...told.preview, asOf: told.asOf, clusterId: id, job }
  }
  return best === null ? { ok: false, errors: [noClusterTold()] } : { ok: true, preview: best }
}

/** What metering prices it by; read there. */
export function pricingOf({ job, place }: AskedPreview): string {
  const { demand, maxRuntimeMs } = job
  const gpus = isGang(demand) ? (demand.slots * gpuThousandths(demand.pod)) / 1000 : 0
  const models = isGang(demand) ? (demand.pod.gpu?.models ?? []) : []
  const model = place?.gpuModel ?? (models.length === 1 ? models[0] : null) ?? null
  const seconds = maxRuntimeMs === null ? null : maxRuntimeMs / 1000
  return Buffer.from(JSON.stringify({ model, gpus: String(gpus), seconds })).toString('base64url')
}
