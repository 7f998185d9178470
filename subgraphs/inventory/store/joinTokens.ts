import { sql } from 'drizzle-orm'
import { instant, instantOrNull, type Tx } from '../../../platform/database/database.ts'

export interface JoinTokenRow {
  id: string
  /** Name of the cluster that may join with it. */
  cluster: string
  /** RFC 3339, as all times here. */
  createdAt: string
  createdBy: string
  expiresAt: string
  revokedAt: string | null
  usedAt: string | null
  clusterUid: string | null
}

interface Stored extends Record<string, unknown> {
  id: string
  cluster_name: string
  created_at: string
  created_by: string
  expires_at: string
  revoked_at: string | null
  used_at: string | null
  cluster_uid: string | null
}

export async function insertJoinToken(tx: Tx, token: JoinTokenRow, secretHash: string): Promise<void> {
  await tx.execute(sql`
    insert into join_tokens (id, cluster_name, secret_hash, created_at, created_by, expires_at)
    values (${token.id}, ${token.cluster}, ${secretHash}, ${token.createdAt}, ${token.createdBy}, ${token.expiresAt})`)
}

/** @returns false where there is no such token; one that was revoked before keeps its time */
export async function markRevoked(tx: Tx, id: string, at: Date): Promise<boolean> {
  const rows = await tx.execute(sql`
    update join_tokens set revoked_at = coalesce(revoked_at, ${at.toISOString()}) where id = ${id} returning 1`)
  return rows.length > 0
}

/** Holds its row until commit. */
export async function lockJoinToken(tx: Tx, secretHash: string): Promise<JoinTokenRow | null> {
  const [row] = await tx.execute<Stored>(sql`select * from join_tokens where secret_hash = ${secretHash} for update`)
  return row ? fromStored(row) : null
}

export async function bindJoinToken(tx: Tx, id: string, clusterUid: string, at: Date): Promise<void> {
  await tx.execute(sql`
    update join_tokens set cluster_uid = ${clusterUid}, used_at = coalesce(used_at, ${at.toISOString()}) where id = ${id}`)
}

export async function insertCredential(
  tx: Tx,
  credential: { secretHash: string; joinTokenId: string; clusterUid: string; issuedAt: Date },
): Promise<void> {
  await tx.execute(sql`
    insert into agent_credentials (secret_hash, join_token_id, cluster_uid, issued_at)
    values (${credential.secretHash}, ${credential.joinTokenId}, ${credential.clusterUid}, ${credential.issuedAt.toISOString()})`)
}

/** The join token that a credential was had for. */
export async function joinTokenOfCredential(tx: Tx, secretHash: string): Promise<JoinTokenRow | null> {
  const [row] = await tx.execute<Stored>(sql`
    select join_tokens.* from agent_credentials
      join join_tokens on join_tokens.id = agent_credentials.join_token_id
     where agent_credentials.secret_hash = ${secretHash}`)
  return row ? fromStored(row) : null
}

export async function joinTokenById(tx: Tx, id: string): Promise<JoinTokenRow | null> {
  const [row] = await tx.execute<Stored>(sql`select * from join_tokens where id = ${id}`)
  return row ? fromStored(row) : null
}

/** One more than `limit` where there are more, in the order in which they were made. */
export async function listJoinTokens(tx: Tx, page: { limit: number; after: string | null }): Promise<JoinTokenRow[]> {
  const rows = await tx.execute<Stored>(sql`
    select * from join_tokens where id > ${page.after ?? ''} order by id limit ${page.limit + 1}`)
  return rows.map(fromStored)
}

function fromStored(row: Stored): JoinTokenRow {
  return {
    id: row.id,
    cluster: row.cluster_name,
    createdAt: instant(row.created_at).toISOString(),
    createdBy: row.created_by,
    expiresAt: instant(row.expires_at).toISOString(),
    revokedAt: instantOrNull(row.revoked_at)?.toISOString() ?? null,
    usedAt: instantOrNull(row.used_at)?.toISOString() ?? null,
    clusterUid: row.cluster_uid,
  }
}
