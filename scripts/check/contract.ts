import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type DefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  type TypeNode,
  type ValueNode,
} from 'graphql'
import { PUBLIC_SCHEMA } from '../codegen/supergraph.ts'
import type { Skipped } from './runChecks.ts'

/**
 * All of the contract (what programs outside the repository rely on: a part of the public schema, which
 * only grows) is in the public schema, in a form that its clients can go on using. The contract is kept
 * beside the checkout, not in it: whoever breaks it cannot change it in the same commit.
 * @param contractPath where it is; without it, `shared/contract.graphql` next to the checkout
 */
export async function checkContract(root: string, contractPath?: string): Promise<string[] | Skipped> {
  const path = contractPath ?? join(root, '..', 'shared', 'contract.graphql')
  if (!existsSync(path)) {
    return contractPath === undefined
      ? { skipped: 'there is no folder shared with contract.graphql next to the checkout; name one by --contract FILE' }
      : [`There is no file ${contractPath}.`]
  }
  const schemaPath = join(root, PUBLIC_SCHEMA)
  if (!existsSync(schemaPath)) return [`${PUBLIC_SCHEMA} is missing. Run: npm run codegen`]
  return brokenPromises(readFileSync(path, 'utf8'), readFileSync(schemaPath, 'utf8'))
}

/** A line per promise of the contract that the schema does not keep. Neither needs to be a whole schema. */
export function brokenPromises(contract: string, schema: string): string[] {
  const given = new Map(typesOf(schema).map((type) => [type.name, type]))
  return typesOf(contract).flatMap((promised) => {
    const type = given.get(promised.name)
    if (type === undefined) return [`${promised.name} is missing`]
    if (type.kind !== promised.kind) return [`${promised.name} is another kind of type`]
    return [
      ...promised.members
        .filter((name) => !type.members.includes(name))
        .map((name) => `${promised.name} lacks ${name}`),
      ...brokenFields(promised, type),
      ...brokenInputs(promised.name, promised.inputs, type.inputs),
    ]
  })
}

interface Type {
  name: string
  kind: Kind
  /** Enum values and interfaces. */
  members: string[]
  fields: Map<string, { type: TypeNode; inputs: Inputs }>
  inputs: Inputs
}
type Inputs = Map<string, { type: TypeNode; defaultValue: ValueNode | undefined }>

function typesOf(sdl: string): Type[] {
  return parse(sdl).definitions.flatMap((definition) => typeOf(definition) ?? [])
}

function typeOf(definition: DefinitionNode): Type | null {
  const empty = { members: [], fields: new Map(), inputs: new Map() }
  switch (definition.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return { ...empty, name: definition.name.value, kind: definition.kind }
    case Kind.ENUM_TYPE_DEFINITION:
      return {
        ...empty,
        name: definition.name.value,
        kind: definition.kind,
        members: (definition.values ?? []).map(({ name }) => name.value),
      }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return { ...empty, name: definition.name.value, kind: definition.kind, inputs: inputsOf(definition.fields) }
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return {
        ...empty,
        name: definition.name.value,
        kind: definition.kind,
        members: (definition.interfaces ?? []).map(({ name }) => name.value),
        fields: new Map(
          (definition.fields ?? []).map((field) => [
            field.name.value,
            { type: field.type, inputs: inputsOf(field.arguments) },
          ]),
        ),
      }
    default:
      return null
  }
}

function inputsOf(nodes: readonly InputValueDefinitionNode[] = []): Inputs {
  return new Map(nodes.map(({ name, type, defaultValue }) => [name.value, { type, defaultValue }]))
}

function brokenFields(promised: Type, given: Type): string[] {
  return [...promised.fields].flatMap(([name, field]) => {
    const path = `${promised.name}.${name}`
    const found = given.fields.get(name)
    if (found === undefined) return [`${path} is missing`]
    return [
      ...(covers(field.type, found.type) ? [] : [`${path} is ${print(found.type)}, promised is ${print(field.type)}`]),
      ...brokenInputs(path, field.inputs, found.inputs),
    ]
  })
}

function brokenInputs(owner: string, promised: Inputs, given: Inputs): string[] {
  const broken = [...promised].flatMap(([name, input]) => {
    const found = given.get(name)
    if (found === undefined) return [`${owner}(${name}) is missing`]
    // What clients may send must be taken: the other way round than for what they receive.
    const isTaken = covers(found.type, input.type)
    return [
      ...(isTaken ? [] : [`${owner}(${name}) is ${print(found.type)}, promised is ${print(input.type)}`]),
      ...(isSameDefault(input.defaultValue, found.defaultValue) ? [] : [`${owner}(${name}) has another default`]),
    ]
  })
  const demanded = [...given]
    .filter(
      ([name, { type, defaultValue }]) => !promised.has(name) && type.kind === Kind.NON_NULL_TYPE && !defaultValue,
    )
    .map(([name]) => `${owner}(${name}) is required, and clients of the contract do not send it`)
  return [...broken, ...demanded]
}

/** Whether every value of `given` is one of `wanted`: the same type, or null where it may be left out. */
function covers(wanted: TypeNode, given: TypeNode): boolean {
  if (given.kind === Kind.NON_NULL_TYPE)
    return covers(wanted.kind === Kind.NON_NULL_TYPE ? wanted.type : wanted, given.type)
  if (wanted.kind === Kind.NON_NULL_TYPE) return false
  if (wanted.kind === Kind.LIST_TYPE) return given.kind === Kind.LIST_TYPE && covers(wanted.type, given.type)
  return given.kind === Kind.NAMED_TYPE && given.name.value === wanted.name.value
}

function isSameDefault(promised: ValueNode | undefined, given: ValueNode | undefined): boolean {
  return promised === undefined || (given !== undefined && print(promised) === print(given))
}
