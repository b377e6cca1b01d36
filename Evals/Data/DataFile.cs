using System.Security.Cryptography;
using System.Text;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Evals.Data;

/// <summary>A file of a data set, read whole. A byte-order mark at its start belongs to no text, whatever the format.</summary>
public sealed class DataFile
{
    private readonly string _folder;
    private readonly byte[] _bytes;
    private readonly int _textStart;

    /// <summary>Reads a file.</summary>
    /// <param name="folder">The data folder; empty for a file of the user's own.</param>
    /// <param name="name">Its path relative to the folder, as reports show it.</param>
    /// <exception cref="DataError">It cannot be read.</exception>
    public DataFile(string folder, string name)
    {
        _folder = folder;
        Name = name;
        try
        {
            _bytes = InputFile.ReadAllBytes(Path);
        }
        catch (UserError error)
        {
            throw new DataError(folder, name + error.Message[Path.Length..], error);
        }
        _textStart = _bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(_bytes));
    }

    public string Path => System.IO.Path.Combine(_folder, Name);

    public string Name { get; }

    /// <summary>Lower-case hex, over the file as it is.</summary>
    public string Sha256 { get; }

    /// <summary>The bytes as they are.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The whole text.</summary>
    /// <exception cref="DataError">It is not UTF-8.</exception>
    public string Text => Decode(_bytes.AsSpan(_textStart), line: null);

    /// <summary>Lines that are not blank, with their numbers from one.</summary>
    /// <exception cref="DataError">A line is not UTF-8.</exception>
    public IEnumerable<(int Number, string Text)> Lines()
    {
        int number = 0;
        for (int start = _textStart; start < _bytes.Length;)
        {
            int length = _bytes.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? _bytes.Length - start : length;
            number++;
            string line = Decode(_bytes.AsSpan(start, length), number);
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, line);
            }
            start += length + 1;
        }
    }

    /// <summary>A mistake in this file.</summary>
    public DataError Malformed(string expected, string found, Exception? cause = null) => new(_folder, $"{Name}: expected {expected}, found {found}.", cause);

    /// <summary>A mistake in a line of this file, counted from one.</summary>
    public DataError Malformed(int line, string expected, string found, Exception? cause = null) =>
        new(_folder, FormattableString.Invariant($"{Name}, line {line}: expected {expected}, found {found}."), cause);

    private string Decode(ReadOnlySpan<byte> bytes, int? line)
    {
        try
        {
            return StrictUtf8.Decode(bytes, line is int number ? FormattableString.Invariant($"{Name}, line {number}") : Name);
        }
        catch (UserError error)
        {
            throw new DataError(_folder, error.Message, error);
        }
    }
}
