/** What one job may ask for, whatever the clusters could hold. */
export const LIMITS = {
  /** A gang's assignment is one annotation of at most 64 KiB; larger ones would have to be split. */
  replicas: 2_000,
  /** A pod's hostname is `<name>-<12 characters of the id>-<index>`, a DNS label of at most 63. */
  nameLength: 45,
  imageLength: 500,
  topologyLevelLength: 63,
  envVars: 200,
  labels: 32,
  /** Command, env and labels together: the Job object must stay far below the 1.5 MiB of a Kubernetes object. */
  specBytes: 64 * 1024,
  /** Decimals of a core and of a device: thousandths, as Kubernetes and the scheduler count them. */
  decimals: 3,
} as const
