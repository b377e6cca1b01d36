using System.Globalization;
using System.Security.Cryptography;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Trainer.Texts;

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
    private readonly TokenizeOptions _options;
    private readonly SourceCount[] _sources;
    private readonly DocumentStarts? _starts;
    private readonly TokenFile _train;
    private readonly TokenFile _validation;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly KnownTexts _known = new();
    private readonly bool _wide;
    private TokenFile? _current;
    private long _start;
    private int _copies;
    private long _empty;
    private long _leftOut;

    public TokenWriter(string directory, TextTokenizer tokenizer, TokenizeOptions options, IReadOnlyList<InputSource> sources)
    {
        _directory = directory;
        _tokenizer = tokenizer;
        _options = options;
        _sources = [.. sources.Select(source => new SourceCount(source))];
        _wide = tokenizer.VocabularySize > ushort.MaxValue + 1;
        _starts = options.Order.Shuffle == Shuffle.None ? null : new DocumentStarts(Path.Combine(directory, "starts.tmp"));
        _train = new TokenFile(Path.Combine(directory, TokenFacts.TrainFile), _wide) { Starts = _starts };
        _validation = new TokenFile(Path.Combine(directory, TokenFacts.ValidationFile), _wide);
    }

    /// <summary>Writes a section; those of a document follow one another.</summary>
    public void Add(EncodedSection section)
    {
        _hash.AppendData(section.Utf8);
        if (section.Opens && section.Closes && section.Ids.Count == 0)
        {
            _empty++;
            return;
        }
        if (section.Opens)
        {
            Open(section);
        }
        _current?.Add([.. section.Ids]);
        if (section.Closes)
        {
            Close(section.Source);
        }
    }

    /// <summary>Splits off the validation tokens if no document was held out, shuffles, and writes the tokenizer and the manifest.</summary>
    /// <exception cref="UserError">The documents had no text, or are too few for a split that does not leak.</exception>
    public TokenizeReport Finish(CancellationToken cancellationToken)
    {
        if (_train.Count == 0)
        {
            // Every document was chosen, as one in twenty single ones is.
            _validation.MoveAll(_train);
        }
        if (_train.Count == 0)
        {
            throw new SettingError("input", "expected documents with text, found none.");
        }
        double fraction = _options.ValidationFraction;
        bool byTail = fraction > 0 && _validation.Documents == 0;
        if (byTail)
        {
            if (_known.HasCopies || _sources.Any(source => source.Source.Weight > 1))
            {
                throw TooFew("some are there twice, so that the end of the text would be trained on too");
            }
            _train.MoveTail((long)(_train.Count * fraction), _validation);
        }
        var report = new TokenizeReport(_train.Count, _train.Documents, _validation.Count, _validation.Documents, _empty, _leftOut) { Sources = _sources };
        _train.Dispose();
        _validation.Dispose();
        if (_starts is not null)
        {
            ShuffledFile.Rewrite(_train.Path, _starts, _options.Order, TokenSplit.Width(_wide), cancellationToken);
            _starts.Dispose();
        }
        TokenizerFiles.Copy(_tokenizer.Path, _directory);
        Manifest.Write(_directory, TokenFacts.Kind, Facts(report, byTail));
        return report;
    }

    public void Dispose()
    {
        _train.Dispose();
        _validation.Dispose();
        _starts?.Dispose();
        _hash.Dispose();
    }

    private void Open(EncodedSection section)
    {
        double weight = _sources[section.Source].Source.Weight;
        _copies = (int)weight + (section.WeightDraw < weight % 1 ? 1 : 0);
        if (_copies == 0)
        {
            _current = null;
            _leftOut++;
            return;
        }
        _current = section.SplitDraw < _options.ValidationFraction ? _validation : _train;
        if (_validation.Documents == 0 && _options.ValidationFraction > 0)
        {
            _known.Add(section.Digest);
        }
        _start = _current.Count;
        _current.Open();
        AddSpecial(_tokenizer.BosTokenId);
    }

    private void Close(int source)
    {
        AddSpecial(_tokenizer.EosTokenId);
        if (_current is null)
        {
            return;
        }
        // What is held out is asked once, however often its source is trained on.
        long end = _current.Count;
        for (int copy = 1; copy < _copies && _current == _train; copy++)
        {
            _train.Repeat(_start, end);
        }
        _sources[source].Documents++;
        _sources[source].Tokens += _current.Count - _start;
    }

    private void AddSpecial(int? id)
    {
        if (id is int special)
        {
            _current?.Add([special]);
        }
    }

    private static SettingError TooFew(string why) =>
        new("validation_fraction", $"expected enough documents to hold some out, but {why}. Give more documents, or tokenize the held-out text by itself and set the fraction to 0.");

    private Dictionary<string, string> Facts(TokenizeReport report, bool byTail)
    {
        return new()
        {
            [TokenFacts.ElementType] = _wide ? TokenFacts.UInt32 : TokenFacts.UInt16,
            [TokenFacts.TokenizerSha256] = _tokenizer.Sha256,
            [TokenFacts.VocabularySize] = Text(_tokenizer.VocabularySize),
            [TokenFacts.TrainTokens] = Text(report.TrainTokens),
            [TokenFacts.TrainDocuments] = Text(report.TrainDocuments),
            [TokenFacts.ValidationTokens] = Text(report.ValidationTokens),
            [TokenFacts.ValidationDocuments] = Text(report.ValidationDocuments),
            [TokenFacts.ValidationFraction] = _options.ValidationFraction.ToString(CultureInfo.InvariantCulture),
            [TokenFacts.Split] = byTail ? "tail" : "documents",
            [TokenFacts.Shuffle] = _options.Order.ToFact(),
            [TokenFacts.Sources] = string.Join("; ", _sources.Select(source => source.ToString())),
            [TokenFacts.TextSha256] = Convert.ToHexStringLower(_hash.GetHashAndReset()),
        };

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
