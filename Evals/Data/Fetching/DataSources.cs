using System.Reflection;

namespace Factory.Evals.Data.Fetching;

/// <summary>The public home of every data set that a task reads.</summary>
internal static class DataSources
{
    private const string ArcArchive = "https://ai2-public-datasets.s3.amazonaws.com/arc/ARC-V1-Feb2018.zip";
    private const string OpenBookArchive = "https://ai2-public-datasets.s3.amazonaws.com/open-book-qa/OpenBookQA-V1-Sep2018.zip";
    private const string WinoGrandeArchive = "https://storage.googleapis.com/ai2-mosaic/public/winogrande/winogrande_1.1.zip";
    private const string MmluArchive = "https://people.eecs.berkeley.edu/~hendrycks/data.tar";

    public static IReadOnlyList<DataSource> All { get; } =
    [
        new("arc", "CC BY-SA 4.0 (Allen Institute for AI)",
        [
            InArchive("arc/ARC-Easy/ARC-Easy-Test.jsonl", ArcArchive, "/ARC-Easy/ARC-Easy-Test.jsonl", "ce32a0774b4beb1977d2c6b16dda5dd2b24fdc9c7f506882c452678676bd09be"),
            InArchive("arc/ARC-Easy/ARC-Easy-Train.jsonl", ArcArchive, "/ARC-Easy/ARC-Easy-Train.jsonl", "c62e5482d8c01f2d5a7f24239ac9db3b12f9e47267c4e3f088c6ffe41d5545ef"),
            InArchive("arc/ARC-Challenge/ARC-Challenge-Test.jsonl", ArcArchive, "/ARC-Challenge/ARC-Challenge-Test.jsonl", "9fa8ffb3e3a1f88cb302d53dd95aae81e39209ad9bcf974376b319d8fd35717c"),
            InArchive("arc/ARC-Challenge/ARC-Challenge-Train.jsonl", ArcArchive, "/ARC-Challenge/ARC-Challenge-Train.jsonl", null),
        ]),
        new("boolq", "CC BY-SA 3.0 (Google)",
        [
            Plain("boolq/dev.jsonl", "https://storage.googleapis.com/boolq/dev.jsonl", "ebc29ea3808c5c611672384b3de56e83349fe38fc1fe876fd29b674d81d0a80a"),
            Plain("boolq/train.jsonl", "https://storage.googleapis.com/boolq/train.jsonl", null),
        ]),
        new("hellaswag", "MIT (Zellers et al.)",
        [
            Plain("hellaswag/validation-00000-of-00001.parquet", "https://huggingface.co/datasets/Rowan/hellaswag/resolve/main/data/validation-00000-of-00001.parquet", null),
            Plain("hellaswag/train-00000-of-00001.parquet", "https://huggingface.co/datasets/Rowan/hellaswag/resolve/main/data/train-00000-of-00001.parquet", null),
        ]),
        new("lambada_openai", "MIT for OpenAI's edition; the passages CC BY 4.0",
            [Plain("lambada_openai/lambada_test.jsonl", "https://openaipublic.blob.core.windows.net/gpt-2/data/lambada_test.jsonl", "4aa8d02cd17c719165fc8a7887fddd641f43fcafa4b1c806ca8abc31fabdb226")]),
        new("mmlu", "MIT (Hendrycks et al.)", [.. Mmlu()]),
        new("openbookqa", "Apache-2.0 (Allen Institute for AI)",
        [
            InArchive("openbookqa/OpenBookQA-V1-Sep2018/Data/Main/test.jsonl", OpenBookArchive, "/Data/Main/test.jsonl", "feb2bd9bfa6161dca4c44ce90e51e8cdada83eb5061407fcdc5005e44aaf2313"),
            InArchive("openbookqa/OpenBookQA-V1-Sep2018/Data/Main/train.jsonl", OpenBookArchive, "/Data/Main/train.jsonl", "388ce25926fa33b573ba6556d7245a6185f612dedf919871b6acb9340c8497a5"),
        ]),
        new("piqa", "Academic Free License 3.0 (Bisk et al.)",
        [
            Plain("piqa/valid.jsonl", "https://yonatanbisk.com/piqa/data/valid.jsonl", "93503cc97c679e459b065c3d13e848282e44b2a25213985bed3e5d458abef72d"),
            Plain("piqa/valid-labels.lst", "https://yonatanbisk.com/piqa/data/valid-labels.lst", "b4192dc3a2a0363d9d60ccf79800cbbe2f32ebb17726efdde6970e0b8131bceb"),
            Plain("piqa/train.jsonl", "https://yonatanbisk.com/piqa/data/train.jsonl", null),
            Plain("piqa/train-labels.lst", "https://yonatanbisk.com/piqa/data/train-labels.lst", null),
        ]),
        new("squad", "CC BY-SA 4.0 (Rajpurkar et al.)",
        [
            Plain("squad/dev-v1.1.json", "https://rajpurkar.github.io/SQuAD-explorer/dataset/dev-v1.1.json", "95aa6a52d5d6a735563366753ca50492a658031da74f301ac5238b03966972c9"),
            Plain("squad/train-v1.1.json", "https://rajpurkar.github.io/SQuAD-explorer/dataset/train-v1.1.json", "3527663986b8295af4f7fcdff1ba1ff3f72d07d61a20f487cb238a6ef92fd955"),
        ]),
        new("wikitext-2-raw", "CC BY-SA 3.0 (Wikipedia's authors; Merity et al.)",
            [InArchive("wikitext-2-raw/wiki.test.raw", "https://wikitext.smerity.com/wikitext-2-raw-v1.zip", "wiki.test.raw", "173c87a53759e0201f33e0ccf978e510c2042d7f2cb78229d9a50d79b9e7dd08")]),
        new("winogrande", "CC BY 4.0 (Allen Institute for AI)",
        [
            InArchive("winogrande/dev.jsonl", WinoGrandeArchive, "/dev.jsonl", "1aeac79cf46a3dcbe59a71ca7e5372a1490cde2b4ae2387dc56f00378104d2e8"),
            InArchive("winogrande/train_xl.jsonl", WinoGrandeArchive, "/train_xl.jsonl", null),
        ]),
    ];

    private static PublishedFile Plain(string path, string address, string? sha256) => new(path, new Uri(address), null, sha256);

    private static PublishedFile InArchive(string path, string archive, string member, string? sha256) => new(path, new Uri(archive), member, sha256);

    /// <summary>114 files; their hashes stand in a list of their own, as sha256sum writes it.</summary>
    private static IEnumerable<PublishedFile> Mmlu()
    {
        using Stream list = Assembly.GetExecutingAssembly().GetManifestResourceStream("mmlu.sha256")!;
        using var reader = new StreamReader(list);
        while (reader.ReadLine() is string line)
        {
            string[] parts = line.Split("  ", 2);
            yield return InArchive(parts[1], MmluArchive, parts[1]["mmlu".Length..], parts[0]);
        }
    }
}
