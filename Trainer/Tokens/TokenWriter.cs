using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;

namespace Factory.Trainer.Tokens;

/// <summary>
/// Fills a token directory: each document is BOS (where the tokenizer has one), its text, EOS (where there is one). Documents are held out by the
/// hash of their text (of a long one's first section), so that copies of a document fall on the same side and more input leaves the others where
/// they are. Where no document was chosen, as of a single one, the end of the training tokens is held out instead.
/// </summary>
internal sealed class TokenWriter : IDisposable
{
    private readonly string _directory;
    private readonly TextTokenizer _tokenizer;
    private readonly double _fraction;
    private readonly TokenFile _train;
    private readonly TokenFile _validation;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly bool _wide;
    private TokenFile _current;
    private long _empty;

    public TokenWriter(string directory, TextTokenizer tokenizer, double validationFraction)
    {
        _directory = directory;
        _tokenizer = tokenizer;
        _fraction = validationFraction;
        _wide = tokenizer.VocabularySize > ushort.MaxValue + 1;
        _train = new TokenFile(Path.Combine(directory, TokenFacts.TrainFile), _wide);
        _validation = new TokenFile(Path.Combine(directory, TokenFacts.ValidationFile), _wide);
        _current = _train;
    }

    /// <summary>Encodes the sections on all cores and writes them in order.</summary>
    public void Add(IReadOnlyList<TextSection> sections, CancellationToken cancellation)
    {
        var encoded = new (int[] Ids, byte[] Utf8, byte[] Digest)[sections.Count];
        Parallel.For(0, sections.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(sections[i].Text);
            encoded[i] = ([.. _tokenizer.EncodePlain(sections[i].Text, continues: !sections[i].Opens)], utf8, SHA256.HashData(utf8));
        });
        for (int i = 0; i < sections.Count; i++)
        {
            _hash.AppendData(encoded[i].Utf8);
            Add(sections[i], encoded[i].Ids, encoded[i].Digest);
        }
    }

    /// <summary>Splits off the validation tokens if no document was held out, and writes the tokenizer and the manifest.</summary>
    /// <exception cref="UserError">The documents had no text.</exception>
    public TokenizeReport Finish()
    {
        if (_train.Count == 0)
        {
            throw new SettingError("input", "expected documents with text, found none.");
        }
        bool byTail = _fraction > 0 && _validation.Documents == 0;
        if (byTail)
        {
            _train.MoveTail((long)(_train.Count * _fraction), _validation);
        }
        var report = new TokenizeReport(_train.Count, _train.Documents, _validation.Count, _validation.Documents, _empty);
        Dispose();
        TokenizerFiles.Copy(_tokenizer.Path, _directory);
        Manifest.Write(_directory, TokenFacts.Kind, Facts(report, byTail));
        return report;
    }

    public void Dispose()
    {
        _train.Dispose();
        _validation.Dispose();
    }

    private void Add(TextSection section, int[] ids, byte[] digest)
    {
        if (section.Opens && section.Closes && ids.Length == 0)
        {
            _empty++;
            return;
        }
        if (section.Opens)
        {
            bool holdOut = _train.Documents > 0 && BinaryPrimitives.ReadUInt64BigEndian(digest) < _fraction * ulong.MaxValue;
            _current = holdOut ? _validation : _train;
            _current.Documents++;
            AddSpecial(_tokenizer.BosTokenId);
        }
        _current.Add(ids);
        if (section.Closes)
        {
            AddSpecial(_tokenizer.EosTokenId);
        }
    }

    private void AddSpecial(int? id)
    {
        if (id is int special)
        {
            _current.Add([special]);
        }
    }

    private Dictionary<string, string> Facts(TokenizeReport report, bool byTail)
    {
        return new()
        {
            [TokenFacts.ElementType] = _wide ? "int32" : "uint16",
            [TokenFacts.TokenizerSha256] = _tokenizer.Sha256,
            [TokenFacts.VocabularySize] = Text(_tokenizer.VocabularySize),
            [TokenFacts.TrainTokens] = Text(report.TrainTokens),
            [TokenFacts.TrainDocuments] = Text(report.TrainDocuments),
            [TokenFacts.ValidationTokens] = Text(report.ValidationTokens),
            [TokenFacts.ValidationDocuments] = Text(report.ValidationDocuments),
            [TokenFacts.ValidationFraction] = _fraction.ToString(CultureInfo.InvariantCulture),
            [TokenFacts.Split] = byTail ? "tail" : "documents",
            [TokenFacts.TextSha256] = Convert.ToHexStringLower(_hash.GetHashAndReset()),
        };

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
