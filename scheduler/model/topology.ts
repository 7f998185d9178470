/** How near nodes are to one another: a level's domain is the nodes alike in its label and in those of all levels before it. */
export interface TopologyLevel {
  /** What jobs ask for. */
  readonly name: string
  readonly nodeLabel: string
}

/** Names of levels, as a gang asks for them; null: none. */
export interface TopologyRequest {
  /** All of it within one domain of this level, or not at all. */
  readonly required: string | null
  /** Within one domain of this level where one holds it, else of the nearest level outside of it that does. */
  readonly preferred: string | null
}
