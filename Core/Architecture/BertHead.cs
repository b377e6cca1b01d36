namespace Factory.Core.Architecture;

/// <summary>What a BERT gives for each token.</summary>
public enum BertHead
{
    /// <summary>How likely an answer starts and ends there (BertForQuestionAnswering).</summary>
    QuestionAnswering,

    /// <summary>Logits over the vocabulary (BertForMaskedLM).</summary>
    MaskedLanguageModel,
}
