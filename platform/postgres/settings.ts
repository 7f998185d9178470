/** Where one server listens: a socket file in a private folder, nothing on the network. */
export interface Listening {
  socketDir: string
  port: number
}

/**
 * Postgres on a small machine that other processes share: 2 cores, about 120 MB, a quick start.
 * They go on the command line, so that the data folder holds no copy that could grow old.
 */
const tuned: Record<string, string> = {
  // Four subgraphs with small pools, a LISTEN connection each, and room for a person with psql.
  max_connections: '60',
  shared_buffers: '64MB',
  effective_cache_size: '512MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  huge_pages: 'off',

  // What was acknowledged is on disk.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // No replica reads this log, so it need not carry what only replicas use.
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '80MB',
  max_wal_size: '512MB',
  checkpoint_timeout: '10min',

  // Processes that would only wait on two cores.
  io_method: 'sync',
  max_logical_replication_workers: '0',
  max_worker_processes: '2',
  max_parallel_workers_per_gather: '0',
  autovacuum: 'on',
  autovacuum_max_workers: '2',
  autovacuum_worker_slots: '2',
  // Outboxes and event tables turn over quickly.
  autovacuum_naptime: '20s',
  jit: 'off',
  random_page_cost: '1.1',

  // The launcher reads this log to say why a start failed, so its language is fixed.
  lc_messages: 'C',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %q%u@%d ',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** @param overrides win over the tuning, never over where the server listens */
export function commandLineSettings(overrides: Record<string, string>, listening: Listening): string[] {
  const listens = {
    listen_addresses: '',
    port: String(listening.port),
    // Quoted, because the setting is a list and a folder's name may hold a comma.
    unix_socket_directories: `"${listening.socketDir.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
  }
  return Object.entries({ ...tuned, ...overrides, ...listens }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
