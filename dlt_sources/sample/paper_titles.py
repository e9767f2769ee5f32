"""How simulated papers are called in every list that has them, and since when arXiv itself is simulated."""

from __future__ import annotations

from datetime import date

FIRST_ARXIV_MONTH = date(2022, 1, 1)
# open from -> how the name stands in titles, monthly odds relative to each other
FAMILIES = (
    (date(2023, 3, 1), "LLaMA-7B", 5.0),
    (date(2023, 9, 1), "Llama 2", 6.0),
    (date(2023, 10, 1), "Mistral 7B", 2.0),
    (date(2023, 8, 1), "Baichuan 2", 1.0),
    (date(2023, 9, 1), "Qwen-7B", 2.0),
    (date(2024, 3, 1), "Gemma-2b", 2.0),
    (date(2024, 10, 1), "Qwen2.5", 5.0),
    (date(2025, 2, 1), "DeepSeek-R1", 8.0),
    (date(2025, 8, 1), "gpt-oss-20b", 2.0),
    (date(2025, 9, 1), "Kimi K2", 2.0),
)
NAMING = (
    "Fine-Tuning {} for Clinical Notes",
    "What {} Knows about Tax Law",
    "Quantized {} on a Phone",
    "Case Study on {}",
)
PLAIN = (
    "Large Language Models as Judges of {}",
    "A Benchmark for {}",
    "Retrieval-Augmented Generation over {}",
    "Knowledge Graphs for {}",
    "Efficient Inference with Mixture-of-Experts for {}",
)
TOPICS = ("Contracts", "Dialogue", "Radiology Reports", "Code Review", "Poetry", "Patents", "Timetables")
LOOKALIKES = (
    "Llama Wool Prices in the Bolivian Highlands",
    "Uplink Power Control in Distributed Massive MIMO",
    "Probing Cognitive Complexity in LLMs by Bloom's Taxonomy",
    "FALCON: Feedback-driven Optimization of Coding Memory",
    "p(y|x) or p(x|y)? Two Views of One Classifier",
)
