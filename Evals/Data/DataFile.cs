using System.Security.Cryptography;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Evals.Data;

/// <summary>A file of a data set, read whole.</summary>
public sealed class DataFile
{
    private readonly byte[] _bytes;

    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <param name="name">Its path relative to the data folder, as reports show it.</param>
    /// <exception cref="UserError">It cannot be read.</exception>
    public DataFile(string path, string name)
    {
        Path = path;
        Name = name;
        _bytes = InputFile.ReadAllBytes(path);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(_bytes));
    }

    public string Path { get; }

    public string Name { get; }

    /// <summary>Lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>The whole text.</summary>
    /// <exception cref="UserError">It is not UTF-8.</exception>
    public string Text => Decode(_bytes, line: null);

    /// <summary>Lines that are not blank, with their numbers from one.</summary>
    /// <exception cref="UserError">A line is not UTF-8.</exception>
    public IEnumerable<(int Number, string Text)> Lines()
    {
        int number = 0;
        for (int start = 0; start < _bytes.Length;)
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
    public UserError Malformed(int line, string expected, string found, Exception? cause = null) =>
        new($"{Path}, line {line}: expected {expected}, found {found}.", cause!);

    private string Decode(ReadOnlySpan<byte> bytes, int? line) => StrictUtf8.Decode(bytes, $"{Path}{(line is int number ? $", line {number}" : "")}");
}
