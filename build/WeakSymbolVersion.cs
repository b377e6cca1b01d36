#nullable enable
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace Factory.Build;

/// <summary>
/// Lets a Linux library load on a host whose libstdc++ is older than the one it was linked with. TorchSharp 0.107.0's libLibTorchSharp.so
/// asks for GLIBCXX_3.4.32 because of one symbol that no relocation uses (a marker that libstdc++ 13 added to &lt;iostream&gt;); Debian 12 and
/// Ubuntu 22.04 end at 3.4.30, and their loader refuses the file. The ELF format has an answer: a needed version that carries VER_FLG_WEAK
/// may be absent. That flag is set here, only on versions which the host lacks and no relocation uses, and always in a copy.
/// This file is compiled twice: by MSBuild's inline task factory (netstandard 2.0) and into the tests.
/// </summary>
public static class WeakSymbolVersion
{
    private const ushort Weak = 2; // VER_FLG_WEAK

    /// <summary>
    /// <paramref name="library"/> with every version that it needs from <paramref name="dependency"/> (a SONAME), that is not among
    /// <paramref name="present"/> and that no relocation uses, marked as weak. The argument is not changed.
    /// </summary>
    /// <exception cref="InvalidDataException">Not a well-formed 64-bit little-endian ELF library.</exception>
    public static byte[] Weaken(byte[] library, string dependency, ICollection<string> present, out IReadOnlyList<string> weakened)
    {
        var elf = new ElfLibrary(library);
        var done = new List<string>();
        var copy = (byte[])library.Clone();
        HashSet<ushort>? used = null;
        foreach (NeededVersion version in elf.NeededVersions())
        {
            if (version.Library != dependency || (version.Flags & Weak) != 0 || present.Contains(version.Name))
            {
                continue;
            }
            used ??= elf.RelocatedVersions();
            if (!used.Contains(version.Index))
            {
                ushort flags = (ushort)(version.Flags | Weak);
                copy[version.FlagsOffset] = (byte)flags;
                copy[version.FlagsOffset + 1] = (byte)(flags >> 8);
                done.Add(version.Name);
            }
        }
        weakened = done;
        return copy;
    }

    /// <summary>Versions that the host's <paramref name="soname"/> defines; empty when the host has no such library.</summary>
    public static ICollection<string> OfHost(string soname)
    {
        if (dlopen(soname, 2 /* RTLD_NOW */) == IntPtr.Zero)
        {
            return [];
        }
        string? path = File.ReadLines("/proc/self/maps").Select(line => line.Substring(line.LastIndexOf(' ') + 1))
            .FirstOrDefault(file => Path.GetFileName(file).StartsWith(soname, StringComparison.Ordinal));
        return path is null ? [] : [.. new ElfLibrary(File.ReadAllBytes(path)).DefinedVersions()];
    }

    /// <summary>Writes through a temporary name, so that a reader sees the old file or the new one and never half of it.</summary>
    public static void WriteAtomically(string path, byte[] content)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, content);
        if (File.Exists(path))
        {
            File.Replace(temporary, path, null);
        }
        else
        {
            File.Move(temporary, path);
        }
    }

    [DllImport("libdl.so.2", CharSet = CharSet.Ansi)]
#pragma warning disable CA2101, CA5392, SYSLIB1054, IDE1006 // plain C names of the system's own loader; netstandard 2.0 has no LibraryImport
    private static extern IntPtr dlopen(string name, int mode);
#pragma warning restore CA2101, CA5392, SYSLIB1054, IDE1006
}

/// <summary>One entry of .gnu.version_r: a version of another library that must be present at load.</summary>
public sealed class NeededVersion(string library, string name, ushort index, ushort flags, int flagsOffset)
{
    /// <summary>SONAME of the library that should define the version.</summary>
    public string Library { get; } = library;

    public string Name { get; } = name;

    /// <summary>What the symbols of this version carry in .gnu.version.</summary>
    public ushort Index { get; } = index;

    public ushort Flags { get; } = flags;

    /// <summary>Byte in the file where the 16-bit flags lie.</summary>
    public int FlagsOffset { get; } = flagsOffset;
}

/// <summary>The version tables of an ELF library, found as the loader finds them: through the dynamic segment.</summary>
public sealed class ElfLibrary
{
    private readonly byte[] _bytes;
    private readonly List<(ulong Address, ulong Offset, ulong Size)> _segments = [];
    private readonly Dictionary<ulong, ulong> _dynamic = [];

    public ElfLibrary(byte[] bytes)
    {
        _bytes = bytes;
        if (bytes.Length < 64 || U32(0) != 0x464C457F || bytes[4] != 2 || bytes[5] != 1)
        {
            throw new InvalidDataException("expected a 64-bit little-endian ELF file, found something else");
        }
        ulong headers = U64(32);
        ushort size = U16(54);
        ushort count = U16(56);
        (ulong Offset, ulong Size)? dynamic = null;
        for (ulong i = 0; i < count; i++)
        {
            ulong header = headers + (i * size);
            switch (U32(header))
            {
                case 1: // PT_LOAD
                    _segments.Add((U64(header + 16), U64(header + 8), U64(header + 32)));
                    break;
                case 2: // PT_DYNAMIC
                    dynamic = (U64(header + 8), U64(header + 32));
                    break;
            }
        }
        if (dynamic is not (ulong start, ulong length))
        {
            throw new InvalidDataException("expected a dynamic segment, found none");
        }
        for (ulong at = start; at < start + length && U64(at) != 0; at += 16)
        {
            _dynamic[U64(at)] = U64(at + 8);
        }
    }

    private ulong Strings => FileOffset(Required(5)); // DT_STRTAB

    /// <summary>.gnu.version_r, in file order.</summary>
    public IEnumerable<NeededVersion> NeededVersions()
    {
        if (!_dynamic.TryGetValue(0x6FFFFFFE, out ulong table)) // DT_VERNEED
        {
            yield break;
        }
        ulong need = FileOffset(table);
        for (ulong i = Required(0x6FFFFFFF); i > 0; i--) // DT_VERNEEDNUM
        {
            string library = Text(U32(need + 4));
            ulong entry = need + U32(need + 8);
            for (int j = U16(need + 2); j > 0; j--)
            {
                yield return new NeededVersion(library, Text(U32(entry + 8)), U16(entry + 6), U16(entry + 4), checked((int)(entry + 4)));
                entry += U32(entry + 12);
            }
            need += U32(need + 12);
        }
    }

    /// <summary>Names in .gnu.version_d.</summary>
    public IEnumerable<string> DefinedVersions()
    {
        if (!_dynamic.TryGetValue(0x6FFFFFFC, out ulong table)) // DT_VERDEF
        {
            yield break;
        }
        ulong definition = FileOffset(table);
        for (ulong i = Required(0x6FFFFFFD); i > 0; i--) // DT_VERDEFNUM
        {
            yield return Text(U32(definition + U32(definition + 12)));
            definition += U32(definition + 16);
        }
    }

    /// <summary>Version indices of all symbols that a relocation refers to.</summary>
    public HashSet<ushort> RelocatedVersions()
    {
        ulong versions = FileOffset(Required(0x6FFFFFF0)); // DT_VERSYM
        var used = new HashSet<ushort>();
        foreach ((ulong table, ulong size) in new[] { (7UL, 8UL), (23UL, 2UL) }) // DT_RELA with DT_RELASZ, DT_JMPREL with DT_PLTRELSZ
        {
            if (!_dynamic.TryGetValue(table, out ulong address))
            {
                continue;
            }
            ulong start = FileOffset(address);
            for (ulong at = start; at < start + Required(size); at += 24)
            {
                ulong symbol = U64(at + 8) >> 32;
                used.Add((ushort)(U16(versions + (symbol * 2)) & 0x7FFF));
            }
        }
        return used;
    }

    private ulong Required(ulong tag) =>
        _dynamic.TryGetValue(tag, out ulong value) ? value : throw new InvalidDataException($"expected the dynamic entry 0x{tag:X}, found none");

    private ulong FileOffset(ulong address)
    {
        foreach ((ulong start, ulong offset, ulong size) in _segments)
        {
            if (address >= start && address - start < size)
            {
                return address - start + offset;
            }
        }
        throw new InvalidDataException($"expected address 0x{address:X} in a loaded segment, found none that holds it");
    }

    private string Text(uint offset)
    {
        ulong start = Strings + offset;
        ulong end = start;
        while (Part(end, 1)[0] != 0)
        {
            end++;
        }
        return Encoding.ASCII.GetString(_bytes, (int)start, (int)(end - start));
    }

    private ushort U16(ulong at) => BitConverter.ToUInt16(Part(at, 2), 0);

    private uint U32(ulong at) => BitConverter.ToUInt32(Part(at, 4), 0);

    private ulong U64(ulong at) => BitConverter.ToUInt64(Part(at, 8), 0);

    private byte[] Part(ulong at, int length)
    {
        if (at > (ulong)_bytes.Length || (ulong)_bytes.Length - at < (ulong)length)
        {
            throw new InvalidDataException($"expected {length} bytes at {at}, found the end of the file at {_bytes.Length}");
        }
        var part = new byte[length];
        Array.Copy(_bytes, (long)at, part, 0, length);
        return part;
    }
}

#if !NET
/// <summary>Writes a copy of a library that loads on this host: the same bytes, or with weak flags where the host needs them.</summary>
public sealed class CopyForThisHost : Microsoft.Build.Utilities.Task
{
    [Microsoft.Build.Framework.Required]
    public string Source { get; set; } = "";

    [Microsoft.Build.Framework.Required]
    public string Destination { get; set; } = "";

    public string Dependency { get; set; } = "libstdc++.so.6";

    public override bool Execute()
    {
        try
        {
            byte[] copy = WeakSymbolVersion.Weaken(File.ReadAllBytes(Source), Dependency, WeakSymbolVersion.OfHost(Dependency), out IReadOnlyList<string> weakened);
            Directory.CreateDirectory(Path.GetDirectoryName(Destination)!);
            WeakSymbolVersion.WriteAtomically(Destination, copy);
            if (weakened.Count > 0)
            {
                Log.LogMessage(Microsoft.Build.Framework.MessageImportance.Normal, $"{Destination}: this host's {Dependency} lacks {string.Join(", ", weakened)}, which nothing in the library uses; marked as optional in the copy.");
            }
            return true;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or OverflowException)
        {
            Log.LogError($"{Source}: {error.Message}. Restore the package again (delete its folder in the package cache, then build).");
            return false;
        }
    }
}
#endif
