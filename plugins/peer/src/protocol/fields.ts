import type { JsonMessage } from '@sluice/core';
import { PeerError } from './errors.ts';

/** A JSON object. */
export type Fields = JsonMessage;

/** What is given as null is not given. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** JSON knows no infinity, but reads 1e999 as one, which would be written as null. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function invalid(field: string, expected: string): PeerError {
  return new PeerError('DATA_INVALID', `data.${field} must be ${expected}.`);
}

/** @throws PeerError DATA_INVALID */
export function optionalText(data: Fields, field: string, maxLength = 1_024): string | undefined {
  const value = data[field];
  if (isAbsent(value)) return undefined;
  if (typeof value === 'string' && value.length <= maxLength) return value;
  throw invalid(field, `a text of at most ${maxLength} characters`);
}

/** @throws PeerError DATA_INVALID */
export function optionalNumber(data: Fields, field: string): number | undefined {
  const value = data[field];
  if (isAbsent(value)) return undefined;
  if (isNumber(value)) return value;
  throw invalid(field, 'a number');
}

/** @throws PeerError DATA_INVALID */
export function requiredNumber(data: Fields, field: string): number {
  const value = optionalNumber(data, field);
  if (value === undefined) throw invalid(field, 'a number');
  return value;
}

/** @throws PeerError DATA_INVALID */
export function optionalFlag(data: Fields, field: string): boolean | undefined {
  const value = data[field];
  if (isAbsent(value)) return undefined;
  if (typeof value === 'boolean') return value;
  throw invalid(field, 'true or false');
}

/** @throws PeerError DATA_INVALID */
export function textList(data: Fields, field: string, maxEntries = 32): readonly string[] {
  const value = data[field];
  if (isAbsent(value)) return [];
  if (Array.isArray(value) && value.length <= maxEntries && value.every((entry): entry is string => typeof entry === 'string' && entry.length <= 128)) return value;
  throw invalid(field, `a list of at most ${maxEntries} texts`);
}
