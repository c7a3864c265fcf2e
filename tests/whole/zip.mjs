// tests/whole/zip.mjs: a zip of one deflated file, as AirData's are.
import zlib from 'node:zlib';

export function zip(name, text) {
    const bytes = Buffer.from(text), packed = zlib.deflateRawSync(bytes), title = Buffer.from(name);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0); about.writeUInt16LE(8, 4);
    about.writeUInt32LE(crc(bytes), 10);
    about.writeUInt32LE(packed.length, 14); about.writeUInt32LE(bytes.length, 18); about.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, title, packed]);
    const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), about, Buffer.alloc(14), title]);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(1, 4); end.writeUInt16LE(1, 6); end.writeUInt32LE(entry.length, 8); end.writeUInt32LE(local.length, 12);
    return Buffer.concat([local, entry, Buffer.from('PK\x05\x06'), end]);
}

function crc(bytes) { // zlib.crc32 came with Node 20.15
    if (zlib.crc32) return zlib.crc32(bytes);
    let c = 0xffffffff;
    for (const byte of bytes) {
        c ^= byte;
        for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    }
    return (c ^ 0xffffffff) >>> 0;
}
