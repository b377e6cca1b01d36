using System.Text;
using System.Text.Json;
using Factory.Core.Disk;
using Microsoft.ML.Tokenizers;

namespace Factory.Core.Text;

/// <summary>
/// BERT's tokenizer: text is cleaned, split at white space and punctuation and cut into the longest pieces of a vocabulary (Devlin et al. 2019). Ids are Hugging
/// Face's; every piece knows which characters of the text it stands for. Reads vocab.txt with tokenizer_config.json, or tokenizer.json.
/// </summary>
public sealed class WordPieceTokenizer
{
    private const string VocabularyFile = "vocab.txt";

    private readonly BertTokenizer _tokenizer;
    private readonly WordPieceSettings _settings;
    private readonly AddedTokenSplitter _special;

    private WordPieceTokenizer(IReadOnlyList<string> vocabulary, WordPieceSettings settings)
    {
        _settings = settings;
        VocabularySize = vocabulary.Count;
        string[] special = [settings.Unknown, settings.Classification, settings.Separator, settings.Padding, settings.Mask];
        _special = new AddedTokenSplitter(vocabulary.Index().Where(piece => special.Contains(piece.Item)).Select(piece => new AddedToken(piece.Index, piece.Item, Special: true)));
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', vocabulary)));
        _tokenizer = BertTokenizer.Create(stream, new BertOptions
        {
            // Words come normalized and one at a time.
            ApplyBasicTokenization = false,
            LowerCaseBeforeTokenization = false,
            RemoveNonSpacingMarks = false,
            IndividuallyTokenizeCjk = false,
            SplitOnSpecialTokens = false,
            UnknownToken = settings.Unknown,
            ClassificationToken = settings.Classification,
            SeparatorToken = settings.Separator,
            PaddingToken = settings.Padding,
            MaskingToken = settings.Mask,
            MaxInputCharsPerWord = settings.MaxInputCharsPerWord,
        });
    }

    /// <summary>Pieces in the vocabulary.</summary>
    public int VocabularySize { get; }

    /// <summary>[CLS], which opens a row.</summary>
    public int ClassificationTokenId => _tokenizer.ClassificationTokenId;

    /// <summary>[SEP], which closes question and passage.</summary>
    public int SeparatorTokenId => _tokenizer.SeparatorTokenId;

    /// <summary>The tokenizer's files in a directory; empty where there is none.</summary>
    public static IReadOnlyList<string> FilesIn(string directory)
    {
        string[] found = [.. new[] { VocabularyFile, TokenizerFiles.Json, TokenizerFiles.Config }.Select(name => Path.Combine(directory, name)).Where(File.Exists)];
        return found.Any(path => Path.GetFileName(path) != TokenizerFiles.Config) ? found : [];
    }

    /// <summary>The tokenizer in a directory, or null.</summary>
    /// <exception cref="UserError">Its files are malformed, or of another kind.</exception>
    public static WordPieceTokenizer? FindIn(string directory)
    {
        string json = Path.Combine(directory, TokenizerFiles.Json);
        string vocabulary = Path.Combine(directory, VocabularyFile);
        return File.Exists(json) ? FromJson(json) : File.Exists(vocabulary) ? FromVocabulary(vocabulary, Path.Combine(directory, TokenizerFiles.Config)) : null;
    }

    /// <summary>Tokens of a text; special ones only where they are spelled out in it.</summary>
    public IReadOnlyList<WordPiece> Encode(string text)
    {
        var pieces = new List<WordPiece>();
        foreach ((Range place, AddedToken? token) in _special.Split(text))
        {
            (int start, int length) = place.GetOffsetAndLength(text.Length);
            if (token is null)
            {
                pieces.AddRange(Encode(text.Substring(start, length), start));
            }
            else
            {
                pieces.Add(new WordPiece(token.Id, start, start + length));
            }
        }
        return pieces;
    }

    /// <param name="before">Characters of the whole text in front of this part.</param>
    private IEnumerable<WordPiece> Encode(string text, int before)
    {
        foreach (NormalizedWord word in NormalizedWord.Split(text, _settings))
        {
            IReadOnlyList<EncodedToken> tokens = _tokenizer.EncodeToTokens(word.Text, out _, considerPreTokenization: false, considerNormalization: false);
            int at = 0;
            foreach (EncodedToken token in tokens)
            {
                int length = tokens.Count == 1 ? word.Text.Length : token.Value.Length - (at > 0 ? _settings.Continuation.Length : 0);
                yield return new WordPiece(token.Id, before + word.Starts[at], before + word.Ends[at + length - 1]);
                at += length;
            }
        }
    }

    private static WordPieceTokenizer FromVocabulary(string path, string config)
    {
        string[] lines = InputFile.ReadAllText(path, "a WordPiece vocabulary").Split('\n');
        return Create(path, [.. (lines[^1].Length == 0 ? lines[..^1] : lines).Select(line => line.TrimEnd('\r'))], WordPieceSettings.FromConfig(config));
    }

    private static WordPieceTokenizer FromJson(string path)
    {
        using JsonDocument document = WordPieceSettings.Parse(path);
        JsonElement root = document.RootElement;
        if (!root.TryGetProperty("model", out JsonElement model) || !model.TryGetProperty("type", out JsonElement type) || type.GetString() != "WordPiece"
            || !model.TryGetProperty("vocab", out JsonElement vocabulary) || vocabulary.ValueKind != JsonValueKind.Object)
        {
            throw new UserError($"{path}: expected a model of type WordPiece with a vocabulary, as BERT has it, found another.");
        }
        Dictionary<string, int> ids = vocabulary.EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetInt32());
        string[] pieces = [.. ids.OrderBy(item => item.Value).Select(item => item.Key)];
        return ids.Values.Order().SequenceEqual(Enumerable.Range(0, ids.Count))
            ? Create(path, pieces, WordPieceSettings.FromJson(path, root))
            : throw new UserError($"{path}: expected ids from 0 without a gap, found others.");
    }

    private static WordPieceTokenizer Create(string path, string[] vocabulary, WordPieceSettings settings)
    {
        foreach (string special in new[] { settings.Unknown, settings.Classification, settings.Separator })
        {
            if (!vocabulary.Contains(special))
            {
                throw new UserError($"{path}: expected '{special}' in the vocabulary, found none.");
            }
        }
        return vocabulary.Distinct().Count() == vocabulary.Length ? new WordPieceTokenizer(vocabulary, settings) : throw new UserError($"{path}: expected each piece once, found '{vocabulary.CountBy(piece => piece).First(piece => piece.Value > 1).Key}' twice.");
    }
}
