import type { JobDirective, PodResources } from '../../platform/link/protocol.ts'
import { annotations, GPU_RESOURCE, GPU_TAINT, labels } from '../names.ts'
import type { Job } from '../objects.ts'
import { priorityClassName } from '../policies/priorityClasses.ts'
import { tenantLabels } from './tenantLabels.ts'

type JobSpec = NonNullable<Job['spec']>
type PodTemplate = JobSpec['template']
type Resources = NonNullable<NonNullable<PodTemplate['spec']>['containers'][number]['resources']>

/**
 * The Job of a directive, as it is applied again and again.
 *
 * It never contains `spec.suspend`: a forced apply that holds the field would suspend a running Job.
 * What the admission policies set (suspend, schedulerName, the finalizer, the failure policy) is left
 * out too, so that Sluice's field manager owns only what it decides here.
 */
export function renderJob(directive: JobDirective): Job {
  const ownLabels = {
    [labels.tenant]: directive.tenantId,
    [labels.project]: directive.projectId,
    [labels.job]: directive.jobId,
  }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: directive.objectName,
      namespace: directive.namespace,
      labels: { ...tenantLabels(directive.labels), ...ownLabels, [labels.queue]: directive.queue },
      annotations: {
        [annotations.class]: directive.class,
        [annotations.preemptible]: String(directive.preemptible),
        ...(directive.minCount !== undefined && { [annotations.minCount]: String(directive.minCount) }),
        ...(directive.traceparent !== undefined && { [annotations.traceparent]: directive.traceparent }),
        // The policy that writes who asks the API server leaves this as it is: it is the agent that asks.
        ...(directive.createdBy && { [annotations.createdBy]: directive.createdBy }),
      },
    },
    spec: {
      // Indexed and as many completions as pods: each pod keeps its place in the gang.
      completionMode: 'Indexed',
      completions: directive.replicas,
      parallelism: directive.replicas,
      // No FailJob rule on exit codes, with retries for what has none: a suspended Job's pods end with exit codes
      // too, the finalizer keeps them in sight, and by such a rule every eviction would fail the job.
      backoffLimit: 0,
      ...(directive.maxRuntimeSeconds !== null && { activeDeadlineSeconds: directive.maxRuntimeSeconds }),
      template: renderTemplate(directive, { ...tenantLabels(directive.labels), ...ownLabels }),
    },
  }
}

function renderTemplate(directive: JobDirective, podLabels: Record<string, string>): PodTemplate {
  const podAnnotations = { ...gpuAnnotations(directive.resources), ...topologyAnnotations(directive) }
  return {
    metadata: {
      labels: podLabels,
      ...(Object.keys(podAnnotations).length > 0 && { annotations: podAnnotations }),
    },
    spec: {
      restartPolicy: 'Never',
      priorityClassName: directive.priorityClass ?? priorityClassName(directive.class),
      // A job of the API has no business with the cluster's own API.
      automountServiceAccountToken: false,
      tolerations: [{ ...GPU_TAINT, operator: 'Exists' }],
      containers: [
        {
          name: 'main',
          image: directive.image,
          // Without a command the image's own entrypoint runs.
          ...(directive.command !== null && { command: directive.command }),
          ...(directive.env.length > 0 && { env: directive.env }),
          resources: renderResources(directive.resources),
        },
      ],
    },
  }
}

function renderResources(resources: PodResources): Resources {
  const memory = `${resources.memoryMiB}Mi`
  const gpus = resources.gpu?.count ?? 0
  return {
    requests: { cpu: resources.cpu, memory },
    // No CPU limit: unused cores may help, while memory beyond the request would endanger neighbours.
    limits: { memory, ...(gpus > 0 && { [GPU_RESOURCE]: String(gpus) }) },
  }
}

function topologyAnnotations({ topology }: JobDirective): Record<string, string> {
  return {
    ...(topology?.required && { [annotations.topologyRequired]: topology.required }),
    ...(topology?.preferred && { [annotations.topologyPreferred]: topology.preferred }),
  }
}

/** A share has no extended resource: the kubelet would count it as a whole device. */
function gpuAnnotations({ gpu }: PodResources): Record<string, string> {
  if (gpu === null) return {}
  return {
    ...(gpu.share !== null && { [annotations.gpuShare]: gpu.share }),
    ...(gpu.memoryMiB !== null && { [annotations.gpuMemoryMib]: String(gpu.memoryMiB) }),
    ...(gpu.models.length > 0 && { [annotations.gpuModels]: gpu.models.join(',') }),
  }
}
