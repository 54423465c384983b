import { BitReader } from '../keyframe/bit-reader.ts';
import type { LayerMark } from './layer-mark.ts';

const MANDATORY_LENGTH = 3;
const MAX_TEMPLATES = 64;
const MAX_DECODE_TARGETS = 32;
/** Decode target indication: with this frame a receiver may switch to the target. */
const SWITCH = 2;
const NOT_PRESENT = 0;
const NEW_TEMPORAL_LAYER = 1;
const NEW_SPATIAL_LAYER = 2;
const NO_MORE_LAYERS = 3;

/**
 * Reads the dependency descriptor extension of one stream (RTP Payload Format For AV1, appendix A.8).
 * A keyframe's descriptor brings the structure that those of later frames point into.
 */
export class DependencyDescriptorReader {
  readonly #bits = new BitReader();
  readonly #temporalLayers = new Uint8Array(MAX_TEMPLATES);
  readonly #spatialLayers = new Uint8Array(MAX_TEMPLATES);
  /** By template, then by decode target. */
  readonly #indications = new Uint8Array(MAX_TEMPLATES * MAX_DECODE_TARGETS);
  /** The highest layers of each decode target. */
  readonly #targetTemporal = new Uint8Array(MAX_DECODE_TARGETS);
  readonly #targetSpatial = new Uint8Array(MAX_DECODE_TARGETS);
  #templateOffset = 0;
  #templates = 0;
  #targets = 0;

  /**
   * Reads the extension's value into `mark`, which is reset.
   * @returns false when it is malformed, or speaks of a structure that has not come
   */
  read(mark: LayerMark, packet: Buffer, offset: number, end: number): boolean {
    mark.reset();
    if (offset + MANDATORY_LENGTH > end) return false;
    const first = packet.readUInt8(offset);
    mark.beginsFrame = (first & 0x80) !== 0;
    mark.endsFrame = (first & 0x40) !== 0;
    mark.pictureId = packet.readUInt16BE(offset + 1);
    mark.pictureIdBits = 16;

    const bits = this.#bits;
    bits.point(packet, offset + MANDATORY_LENGTH, end);
    const customIndications = end - offset > MANDATORY_LENGTH && this.#readExtendedFields();
    const template = ((first & 0x3f) + MAX_TEMPLATES - this.#templateOffset) % MAX_TEMPLATES;
    if (bits.overrun || template >= this.#templates) return false;
    mark.marked = true;
    mark.temporalLayer = this.#temporalLayers[template] ?? 0;
    mark.spatialLayer = this.#spatialLayers[template] ?? 0;
    mark.switchingPoint = this.#isSwitchingPoint(mark, template, customIndications);
    return !bits.overrun;
  }

  /** @returns whether indications of the frame's own follow */
  #readExtendedFields(): boolean {
    const bits = this.#bits;
    const hasStructure = bits.flag();
    const hasActiveTargets = bits.flag();
    const customIndications = bits.flag();
    bits.skip(2); // custom_fdiffs_flag, custom_chains_flag: what they announce comes last
    if (hasStructure) this.#readStructure();
    if (hasActiveTargets) bits.skip(this.#targets);
    return customIndications;
  }

  #readStructure(): void {
    const bits = this.#bits;
    this.#templates = 0;
    this.#templateOffset = bits.bits(6);
    this.#targets = bits.bits(5) + 1;
    const templates = this.#readTemplateLayers();
    for (let template = 0; template < templates && !bits.overrun; template++) {
      for (let target = 0; target < this.#targets; target++) this.#indications[template * MAX_DECODE_TARGETS + target] = bits.bits(2);
    }
    for (let template = 0; template < templates; template++) {
      while (!bits.overrun && bits.flag()) bits.skip(4); // fdiff_minus_one
    }
    this.#skipChains(templates);
    const hasResolutions = bits.flag();
    if (hasResolutions) bits.skip(32 * ((this.#spatialLayers[templates - 1] ?? 0) + 1));
    // Cut short, a structure is none.
    if (bits.overrun) return;
    this.#templates = templates;
    this.#findTargetLayers();
  }

  #readTemplateLayers(): number {
    const bits = this.#bits;
    let temporal = 0;
    let spatial = 0;
    let templates = 0;
    while (templates < MAX_TEMPLATES && !bits.overrun) {
      this.#temporalLayers[templates] = temporal;
      this.#spatialLayers[templates] = spatial;
      templates++;
      const next = bits.bits(2);
      if (next === NO_MORE_LAYERS) break;
      if (next === NEW_TEMPORAL_LAYER) temporal++;
      if (next !== NEW_SPATIAL_LAYER) continue;
      temporal = 0;
      spatial++;
    }
    return templates;
  }

  #skipChains(templates: number): void {
    const bits = this.#bits;
    const chains = bits.nonSymmetric(this.#targets + 1);
    if (chains === 0) return;
    for (let target = 0; target < this.#targets; target++) bits.nonSymmetric(chains);
    bits.skip(4 * templates * chains);
  }

  #findTargetLayers(): void {
    for (let target = 0; target < this.#targets; target++) {
      let temporal = 0;
      let spatial = 0;
      for (let template = 0; template < this.#templates; template++) {
        if (this.#indications[template * MAX_DECODE_TARGETS + target] === NOT_PRESENT) continue;
        temporal = Math.max(temporal, this.#temporalLayers[template] ?? 0);
        spatial = Math.max(spatial, this.#spatialLayers[template] ?? 0);
      }
      this.#targetTemporal[target] = temporal;
      this.#targetSpatial[target] = spatial;
    }
  }

  /** Whether the decode target whose highest layers are this frame's own can be switched to here. */
  #isSwitchingPoint(mark: LayerMark, template: number, customIndications: boolean): boolean {
    let switches = false;
    for (let target = 0; target < this.#targets; target++) {
      const indication = customIndications ? this.#bits.bits(2) : this.#indications[template * MAX_DECODE_TARGETS + target];
      const isOwn = this.#targetTemporal[target] === mark.temporalLayer && this.#targetSpatial[target] === mark.spatialLayer;
      if (isOwn && indication === SWITCH) switches = true;
      if (indication === SWITCH) mark.switchesUpTo = Math.max(mark.switchesUpTo, this.#targetTemporal[target] ?? 0);
    }
    return switches;
  }
}
