local pipelines = [];
[one for one in pipelines if one.enabled]
